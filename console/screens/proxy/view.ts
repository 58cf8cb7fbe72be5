import type { Context } from "../../contract/contract.ts";
import { formBlocks, onButton } from "../../fields/form.ts";
import type { Page } from "../../page/page.ts";
import { formKeys } from "../shared/form-keys.ts";
import { fieldsOf, type ProxyState, proxyErrors } from "./model.ts";

export function proxyView(state: ProxyState, context: Context): Page {
  const { words } = context;
  const fields = fieldsOf(state, context);
  const button = onButton(state.form, fields);
  const onPassword = fields[state.form.focus]?.name === "password";
  return {
    title: words.say("proxy.title"),
    blocks: [
      { kind: "text", text: words.say("proxy.intro"), style: "muted" },
      { kind: "text", text: words.say("network.intro"), style: "muted" },
      { kind: "gap" },
      ...formBlocks(state.form, fields, proxyErrors(state, context), words),
      { kind: "gap" },
      { kind: "buttons", labels: [words.say("proxy.reviewButton")], selected: button ? 0 : null },
      ...(button
        ? [{ kind: "text", text: words.say("proxy.hint.review"), style: "muted" } as const]
        : []),
    ],
    keys: formKeys(
      context,
      { key: "F2", label: words.say("key.review") },
      ...(onPassword ? [{ key: "Ctrl-R", label: words.say("key.reveal") }] : []),
      {
        key: "F6",
        label: words.say("key.test"),
      },
    ),
  };
}
