import type { PlainKey, Words } from "./words.ts";

/**
 * Keys whose names differ between languages. Function keys and letters have the same name
 * everywhere.
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

/**
 * The name of one or several keys in the console's language. Models and tests use the English
 * names.
 */
export function keyName(key: string, words: Words): string {
  return key.replace(/[A-Z][A-Za-z]+/g, (part) => {
    const name = names[part];
    return name === undefined ? part : words.say(name);
  });
}
