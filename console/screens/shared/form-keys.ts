import type { Context } from "../../contract/contract.ts";
import type { KeyHint } from "../../page/page.ts";

/**
 * The footer of a form. Keys for which there is no room are left out at its end; the list of keys
 * has all.
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
