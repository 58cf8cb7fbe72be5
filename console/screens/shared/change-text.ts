import type { SettingChange } from "../../../src/configd/api/status.ts";
import type { Words } from "../../words/words.ts";

/** A setting's value before a change, with what the network has given in its place. */
export function beforeText(
  { before, given }: Pick<SettingChange, "before" | "given">,
  words: Words,
): string {
  const term = words.term(before);
  return given === undefined ? term : words.say("review.given", { before: term, given });
}
