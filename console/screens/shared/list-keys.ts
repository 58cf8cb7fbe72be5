import type { Context } from "../../contract/contract.ts";
import type { KeyHint } from "../../page/page.ts";

/** The footer of a screen with a list. */
export function listKeys({ words }: Pick<Context, "words">, ...own: readonly KeyHint[]): KeyHint[] {
  return [
    { key: words.say("key.arrows"), label: words.say("key.choose") },
    ...own,
    { key: "F1", label: words.say("key.help") },
    { key: "Esc", label: words.say("key.back") },
    { key: "F10", label: words.say("key.menu") },
  ];
}
