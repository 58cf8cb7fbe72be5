import type { Context } from "../../contract/contract.ts";
import { formBlocks, formTexts, onButton } from "../../fields/form.ts";
import type { Block, Page } from "../../page/page.ts";
import { formKeys } from "../shared/form-keys.ts";
import { type SettingsForm, type SettingsFormState, settingsFormErrors } from "./model.ts";

/** `facts` are blocks with the present state, between the introduction and the fields. */
export function settingsFormView<Name extends string>(
  kind: SettingsForm<Name>,
  facts: (context: Context) => readonly Block[] = () => [],
) {
  return (state: SettingsFormState<Name>, context: Context): Page => {
    const { words } = context;
    const fields = kind.fields(formTexts(state.form), context);
    const button = onButton(state.form, fields);
    return {
      title: words.say(kind.title),
      blocks: [
        { kind: "text", text: words.say(kind.intro), style: "muted" },
        ...facts(context),
        { kind: "gap" },
        ...formBlocks(state.form, fields, settingsFormErrors(kind, state, context), words),
        { kind: "gap" },
        {
          kind: "buttons",
          labels: [words.say("network.reviewButton")],
          selected: button ? 0 : null,
        },
        ...(button
          ? [{ kind: "text", text: words.say("network.hint.review"), style: "muted" } as const]
          : []),
      ],
      keys: formKeys(context, { key: "F2", label: words.say("key.review") }),
    };
  };
}
