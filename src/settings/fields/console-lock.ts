import type { SettingField } from "./field.ts";
import { numberText, readNumber } from "./text-values.ts";

const longestMinutes = 240;

export const consoleLock = {
  path: "console.lockAfterMinutes",
  form: "console",
  label: "Lock after minutes",
  hint: "1 to 240 minutes without a key; empty for never. It locks only when a PIN is set.",
  help: "After so many minutes without a key the console asks for the PIN. Nothing that was typed is lost. Without a PIN it never locks.",
  input: { kind: "text", width: 6 },
  text: (settings) => numberText(settings.console.lockAfterMinutes),
  put: (settings, text, typed) => {
    settings.console.lockAfterMinutes = readNumber(text, typed, "minutes-malformed", {
      most: String(longestMinutes),
    });
  },
  check: (settings, findings) => {
    const minutes = settings.console.lockAfterMinutes;
    const isRight =
      minutes === null || (Number.isInteger(minutes) && minutes >= 1 && minutes <= longestMinutes);
    if (!isRight)
      findings.add("console.lockAfterMinutes", "minutes-malformed", {
        value: String(minutes),
        most: String(longestMinutes),
      });
  },
  review: {
    term: "Console lock",
    value: (settings) => {
      const minutes = settings.console.lockAfterMinutes;
      return minutes === null ? "never" : `${minutes} min`;
    },
  },
  needsTrial: false,
  zeroTouch: [],
  options: [
    {
      name: "lock-after",
      value: "MINUTES",
      help: "lock the console after so long without a key; never",
      text: (value) => (value === "never" ? "" : value),
    },
  ],
} as const satisfies SettingField;
