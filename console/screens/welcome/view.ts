import type { Context } from "../../contract/contract.ts";
import { formBlocks, onButton } from "../../fields/form.ts";
import type { Page } from "../../page/page.ts";
import { type WelcomeState, welcomeFields } from "./model.ts";

export function welcomeView(state: WelcomeState, context: Context): Page {
  const { words } = context;
  const fields = welcomeFields(state, context);
  const button = onButton(state.form, fields);
  return {
    title: words.say("welcome.title"),
    blocks: [
      { kind: "text", text: words.say("welcome.intro"), style: "strong" },
      { kind: "gap" },
      ...formBlocks(state.form, fields, {}, words),
      { kind: "gap" },
      { kind: "buttons", labels: [words.say("welcome.button")], selected: button ? 0 : null },
      ...(button
        ? [{ kind: "text", text: words.say("welcome.hint.button"), style: "muted" } as const]
        : []),
    ],
    keys: [
      { key: words.say("key.arrows"), label: words.say("key.choose") },
      { key: "Enter", label: words.say("welcome.button") },
      { key: "Tab", label: words.say("key.next") },
      { key: "F1", label: words.say("key.help") },
      { key: "Esc", label: words.say("key.back") },
    ],
  };
}
