/** Named keys; a printable character carries its text. */
export const namedKeys = [
  "enter",
  "escape",
  "tab",
  "shift-tab",
  "backspace",
  "delete",
  "insert",
  "home",
  "end",
  "page-up",
  "page-down",
  "up",
  "down",
  "left",
  "right",
  "f1",
  "f2",
  "f3",
  "f4",
  "f5",
  "f6",
  "f7",
  "f8",
  "f9",
  "f10",
  "f11",
  "f12",
  "ctrl-a",
  "ctrl-b",
  "ctrl-c",
  "ctrl-d",
  "ctrl-e",
  "ctrl-f",
  "ctrl-k",
  "ctrl-l",
  "ctrl-n",
  "ctrl-p",
  "ctrl-q",
  "ctrl-r",
  "ctrl-u",
  "ctrl-w",
] as const;
export type NamedKey = (typeof namedKeys)[number];

export type Key = { name: NamedKey } | { name: "character"; text: string };

export function character(text: string): Key {
  return { name: "character", text };
}
