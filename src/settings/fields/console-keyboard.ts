import { keyboardLayouts } from "../model/keyboards.ts";
import { type FieldValue, quoted, right, wrong } from "../values/field-value.ts";
import type { SettingField } from "./field.ts";

function parseKeyboard(text: string): FieldValue<string> {
  const typed = text.trim().toLowerCase();
  if (typed === "") return wrong("required");
  const known = keyboardLayouts.find((layout) => layout === typed);
  return known === undefined ? wrong("keyboard-unknown", { value: quoted(typed) }) : right(known);
}

export const consoleKeyboard = {
  path: "console.keyboard",
  form: "console",
  label: "Keyboard",
  hint: "Up and Down choose, a letter jumps to what begins with it. Tab goes on.",
  help: "The layout by its name, with its XKB name in brackets. It is that of the keyboard at the machine's own screen; a serial line or a browser's window brings its own. Set it before you type a password.",
  input: { kind: "own" },
  text: (settings) => settings.console.keyboard,
  put: (settings, text) => {
    settings.console.keyboard = text;
  },
  check: (settings, findings) => {
    const { keyboard } = settings.console;
    settings.console.keyboard = findings.take(
      "console.keyboard",
      parseKeyboard(keyboard),
      keyboard,
    );
  },
  review: { term: "Keyboard", value: (settings) => settings.console.keyboard },
  needsTrial: false,
  zeroTouch: [{ name: "keyboard", means: "keyboard of the console, as de" }],
  options: [{ name: "keyboard", value: "LAYOUT", help: "keyboard of the console, as de" }],
} as const satisfies SettingField;
