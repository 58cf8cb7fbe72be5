import type { Context } from "../../contract/contract.ts";
import type { KeyHint } from "../../page/page.ts";

/**
 * The footer of a form, with what its button does; what has no room is left out at the end, and
 * stands in the list of keys.
 */
export function formKeys(
  { words }: Context,
  primary: KeyHint,
  ...others: readonly KeyHint[]
): KeyHint[] {
  return [
    { key: "Tab", label: words.say("key.next") },
    primary,
    { key: "F1", label: words.say("key.help") },
    { key: "Esc", label: words.say("key.back") },
    ...others,
    { key: "F10", label: words.say("key.menu") },
  ];
}
