import { type AppState, type AppStep, updateApp } from "../app/model.ts";
import { pageOf } from "../app/view.ts";
import { character, type Key, type NamedKey, namedKeys } from "../page/key.ts";
import { hasFocus, type Part } from "./parts.ts";

/** Ways to go looking for the focus; each is walked until it does not change any more. */
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

/**
 * The keys that bring the focus to a part, found by trying on the model, which is pure; null when
 * no way leads there.
 */
export function keysTo(state: AppState, part: Part): Key[] | null {
  if (hasFocus(pageOf(state), part)) return [];
  for (const way of ways) {
    const [first, ...others] = way;
    if (first === undefined) continue;
    const pressed: Key[] = [];
    let now = state;
    const press = (name: NamedKey): boolean => {
      const step: AppStep = updateApp(now, { type: "key", key: { name } });
      // A move that did something is none.
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

/** The key that a footer names: F4, Ctrl-R, a letter. */
export function keyNamed(name: string): Key | null {
  const wished = name.toLowerCase();
  const named = namedKeys.find((each) => each === wished);
  return named ? { name: named } : name.length === 1 ? character(name) : null;
}

/** The keys that put a text into the field that has the focus, whatever was in it. */
export function keysTyping(text: string): Key[] {
  return [{ name: "end" }, { name: "ctrl-u" }, ...[...text].map(character)];
}
