import type { PlainKey, Words } from "./words.ts";

/**
 * What stands on a keyboard in one language and otherwise in another. Function keys and letters are
 * the same everywhere.
 */
const names: Readonly<Record<string, PlainKey>> = {
  Tab: "keyName.tab",
  Shift: "keyName.shift",
  Ctrl: "keyName.ctrl",
  Enter: "keyName.enter",
  Esc: "keyName.escape",
  PgUp: "keyName.pageUp",
  PgDn: "keyName.pageDown",
  Home: "keyName.home",
  End: "keyName.end",
  Delete: "keyName.delete",
  Backspace: "keyName.backspace",
};

/** A key, or several, as people know them; models and tests call them by their English names. */
export function keyName(key: string, words: Words): string {
  return key.replace(/[A-Z][A-Za-z]+/g, (part) => {
    const name = names[part];
    return name === undefined ? part : words.say(name);
  });
}
