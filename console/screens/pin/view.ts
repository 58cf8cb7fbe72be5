import type { Context } from "../../contract/contract.ts";
import { formBlocks, onButton } from "../../fields/form.ts";
import type { Page } from "../../page/page.ts";
import { formKeys } from "../shared/form-keys.ts";
import { type PinState, pinErrors, pinFields } from "./model.ts";

export function pinView(state: PinState, context: Context): Page {
  const { words, status } = context;
  const fields = pinFields(context);
  const button = onButton(state.form, fields);
  const minutes = status?.settings.console.lockAfterMinutes ?? null;
  return {
    title: words.say("pin.title"),
    blocks: [
      { kind: "text", text: words.say("pin.intro"), style: "muted" },
      {
        kind: "text",
        text:
          minutes === null ? words.say("pin.neverLocks") : words.say("pin.locksAfter", { minutes }),
        style: "muted",
      },
      {
        kind: "text",
        text: words.say(status?.secrets.consolePin ? "pin.isSet" : "pin.isNotSet"),
        style: "strong",
      },
      { kind: "gap" },
      ...formBlocks(state.form, fields, pinErrors(state, context), words),
      { kind: "gap" },
      { kind: "buttons", labels: [words.say("pin.button")], selected: button ? 0 : null },
    ],
    keys: formKeys(context, { key: "F2", label: words.say("pin.button") }),
  };
}
