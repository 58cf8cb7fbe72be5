import { isDeepStrictEqual } from "node:util";
import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import {
  type FieldDefinition,
  type FormState,
  formTexts,
  onButton,
  showAllErrors,
  startForm,
  updateForm,
} from "../../fields/form.ts";
import { longestPin, textRules } from "../../fields/rules.ts";
import type { PlainKey } from "../../words/words.ts";
import { keyboardHere } from "../shared/layouts.ts";

export type Name = "current" | "pin" | "again";

export interface PinState {
  readonly form: FormState<Name>;
  readonly asked: boolean;
}

const shortest = 4;
const empty = { current: "", pin: "", again: "" };

export function startPin(): PinState {
  return { form: startForm<Name>(empty), asked: false };
}

export function pinFields(context: Context): FieldDefinition<Name>[] {
  const { status, words } = context;
  const field = (name: Name, label: PlainKey, hint: string): FieldDefinition<Name> => ({
    kind: "text",
    name,
    label,
    hint,
    help: "help.pin",
    rules: textRules,
    width: 34,
    secret: true,
    masked: true,
  });
  return [
    ...(status?.secrets.consolePin
      ? [field("current", "pin.current", words.say("pin.hint.current"))]
      : []),
    field("pin", "pin.new", words.say("pin.hint.new", { keyboard: keyboardHere(context) })),
    field("again", "pin.again", words.say("pin.hint.again")),
  ];
}

export function pinErrors(
  { form }: PinState,
  { words, status }: Context,
): Partial<Record<Name, string>> {
  const { current, pin, again } = formTexts(form);
  const errors: Partial<Record<Name, string>> = {};
  if (status?.secrets.consolePin && current === "")
    errors.current = words.say("pin.currentMissing");
  if (pin !== "" && [...pin].length < shortest) errors.pin = words.say("pin.short", { shortest });
  if ([...pin].length > longestPin) errors.pin = words.say("pin.long", { longest: longestPin });
  if (pin === "" && !status?.secrets.consolePin) errors.pin = words.say("pin.short", { shortest });
  if (pin !== again) errors.again = words.say("pin.differ");
  return errors;
}

export const pinModel: ScreenModel<PinState> = {
  name: "pin",
  title: "pin.title",
  update(state: PinState, event: ScreenEvent, context: Context): Step<PinState> {
    const { words } = context;
    switch (event.type) {
      case "key": {
        const step = updateForm(state.form, event.key, pinFields(context));
        const next = { ...state, form: step.form };
        return step.submitted ? submit(next, context) : { state: next, handled: step.handled };
      }
      case "reply":
        if (event.verb !== "setPin") return { state };
        return {
          state: startPin(),
          effects: [
            {
              type: "message",
              text: words.say(state.form.fields.pin.text === "" ? "pin.removed" : "pin.set"),
              style: "good",
            },
          ],
        };
      case "failed":
        return {
          state: { ...state, asked: false },
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  unsaved: ({ form, asked }) => !asked && !isDeepStrictEqual(formTexts(form), empty),
  help(state, context) {
    return onButton(state.form, pinFields(context)) ? ["help.pin"] : ["help.pin"];
  },
};

function submit(state: PinState, context: Context): Step<PinState> {
  if (state.asked) return { state };
  const { words, status } = context;
  const errors = pinErrors(state, context);
  if (Object.keys(errors).length > 0)
    return {
      state: { ...state, form: showAllErrors(state.form, errors, pinFields(context)) },
      effects: [{ type: "message", text: words.say("form.errors"), style: "bad" }],
    };
  const { current, pin } = formTexts(state.form);
  return {
    state: { ...state, asked: true },
    effects: [
      {
        type: "ask",
        verb: "setPin",
        request: {
          current: status?.secrets.consolePin ? current : null,
          pin: pin === "" ? null : pin,
        },
      },
    ],
  };
}
