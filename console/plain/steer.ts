import { updateApp } from "../app/model.ts";
import type { AppState, AppStep } from "../app/state.ts";
import { pageOf } from "../app/view.ts";
import { character, type Key, type NamedKey, namedKeys } from "../page/key.ts";
import type { Page } from "../page/page.ts";
import { hasFocus, type Part } from "./parts.ts";

/** Keys to try for moving the focus; each is pressed until nothing changes any more. */
const ways: readonly (readonly NamedKey[])[] = [
  ["tab"],
  ["home", "down"],
  ["down"],
  ["right"],
  ["up"],
  ["left"],
  ["shift-tab"],
  ["f3"],
  ["enter"],
];
const longestWay = 300;

/** The keys that move the focus to a part, found by trying them on the pure model; null if none. */
export function keysTo(state: AppState, part: Part): Key[] | null {
  if (hasFocus(pageOf(state), part)) return [];
  for (const way of ways) {
    const [first, ...others] = way;
    if (first === undefined) continue;
    const pressed: Key[] = [];
    let now = state;
    const press = (name: NamedKey): boolean => {
      const step: AppStep = updateApp(now, { type: "key", key: { name } });
      // A key that does something else is not a way to move the focus.
      if (step.effects.length > 0 || step.state.pile.length !== now.pile.length) return false;
      now = step.state;
      pressed.push({ name });
      return true;
    };
    const repeated = others[0] ?? first;
    if (others.length > 0 && !press(first)) continue;
    if (hasFocus(pageOf(now), part)) return pressed;
    for (let count = 0; count < longestWay && press(repeated); count++)
      if (hasFocus(pageOf(now), part)) return pressed;
  }
  return null;
}

/** The key that a footer names, as F4, Ctrl-R or a letter; null when there is none. */
export function keyNamed(name: string): Key | null {
  const lower = name.toLowerCase().replace(/^esc$/, "escape");
  const named = namedKeys.find((each) => each === lower);
  if (named) return { name: named };
  return name.length === 1 ? character(name) : null;
}

/** Keys of every screen; the others are those that a page names. */
const everywhere: readonly string[] = ["F1", "F9", "F10", "Esc"];

/** A key that is typed by its name, as texts call it; null when this page has no such key. */
export function keyTyped(typed: string, { keys }: Pick<Page, "keys">): Key | null {
  const wanted = typed.toLowerCase();
  const name = [...everywhere, ...keys.map(({ key }) => key)].find(
    // The question mark is a command of line mode.
    (each) => each !== "?" && each.toLowerCase() === wanted,
  );
  return name === undefined ? null : keyNamed(name);
}

/** The keys that replace the text of the focused field. */
export function keysTyping(text: string): Key[] {
  return [{ name: "end" }, { name: "ctrl-u" }, ...[...text].map(character)];
}
