import { keyboardLayouts, otherLayouts } from "../../../src/settings/model/keyboards.ts";
import type { Context } from "../../contract/contract.ts";
import type { Words } from "../../words/words.ts";

/** All keyboard layouts, sorted by name. */
export function layoutOptions(words: Words): { value: string; label: string }[] {
  return keyboardLayouts
    .map((layout) => ({
      value: layout,
      label: words.say("keyboard.option", { name: words.say(`layout.${layout}`), layout }),
    }))
    .sort((a, b) => a.label.localeCompare(b.label, "en"));
}

export function layoutName(layout: string, words: Words): string {
  const known = keyboardLayouts.find((each) => each === layout);
  return known === undefined
    ? layout
    : words.say("keyboard.option", { name: words.say(`layout.${known}`), layout: known });
}

/** A remark about the chosen layout. */
export function layoutNote(layout: string, { words, atMachine }: Context): string | undefined {
  if (!atMachine) return words.say("keyboard.elsewhere");
  return otherLayouts.some((each) => each === layout) ? words.say("keyboard.others") : undefined;
}

/**
 * The layout of the keyboard in use. The operator needs it for a PIN or password, which is not
 * shown.
 */
export function keyboardHere({ status, words, atMachine }: Context): string {
  return atMachine
    ? layoutName(status?.settings.console.keyboard ?? "us", words)
    : words.say("keyboard.ofTerminal");
}
