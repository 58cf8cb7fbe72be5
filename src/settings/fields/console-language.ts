import type { SettingField } from "./field.ts";

export const consoleLanguage = {
  path: "console.language",
  form: "console",
  label: "Language",
  hint: "There is English only, so far.",
  help: "Only English is complete today.",
  input: { kind: "choice", choices: [{ value: "en", label: "English" }] },
  text: (settings) => settings.console.language,
  put: (settings) => {
    settings.console.language = "en";
  },
  review: { term: "Language", value: (settings) => settings.console.language },
  needsTrial: false,
  zeroTouch: [],
  options: [],
} as const satisfies SettingField;
