import { type Key, type NamedKey, namedKeys } from "../page/key.ts";

/** A key event of blessed. */
export interface BlessedKey {
  name?: string | undefined;
  ctrl?: boolean;
  meta?: boolean;
  shift?: boolean;
}

const otherNames: Readonly<Record<string, NamedKey>> = {
  enter: "enter",
  pageup: "page-up",
  pagedown: "page-down",
};

/**
 * Turns blessed's key events into the console's keys. One CR makes two events, `enter` and
 * `return`: only the first counts. A character beyond the BMP comes as two surrogates, which are
 * joined.
 */
export function keyReader(): (
  character: string | undefined,
  key: BlessedKey | undefined,
) => Key | null {
  let half = "";
  return (typed, key) => {
    const named = key === undefined ? null : nameOf(key);
    if (named !== null) {
      half = "";
      return { name: named };
    }
    if (typed === undefined || key?.ctrl === true || key?.meta === true || key?.name === "return")
      return null;
    const code = typed.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdbff && typed.length === 1) {
      half = typed;
      return null;
    }
    const text = half + typed;
    half = "";
    return text < " " || text === "\x7f" || /^[\ud800-\udfff]$/u.test(text)
      ? null
      : { name: "character", text };
  };
}

function nameOf(key: BlessedKey): NamedKey | null {
  const { name } = key;
  if (name === undefined || name === "return") return null;
  if (name === "tab") return key.shift ? "shift-tab" : "tab";
  const wished = key.ctrl ? `ctrl-${name}` : (otherNames[name] ?? name);
  // blessed names letters too, but they are text; a modified arrow counts as the arrow.
  if (!key.ctrl && name.length === 1) return null;
  return (
    namedKeys.find((each) => each === wished) ??
    (key.ctrl ? (namedKeys.find((each) => each === name && name.length > 1) ?? null) : null)
  );
}
