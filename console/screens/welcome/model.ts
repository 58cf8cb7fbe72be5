import type { Status } from "../../../src/configd/api/status.ts";
import type { Settings } from "../../../src/settings/model/schema.ts";
import {
  type Context,
  type Effect,
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
  startForm,
  updateForm,
  withText,
} from "../../fields/form.ts";
import { textRules } from "../../fields/rules.ts";
import type { Key } from "../../page/key.ts";
import { moveInList } from "../shared/choosing.ts";
import { layoutName, layoutNote, layoutOptions } from "../shared/layouts.ts";

export type Name = "keyboard" | "trial";

export interface WelcomeState {
  readonly form: FormState<Name>;
  /** The layout that configd was asked to save, until it answers. */
  readonly asked: string | null;
  /** The layout that this screen saved. */
  readonly taken: string | null;
  /** Open the home screen once it is saved. */
  readonly leaving: boolean;
}

/**
 * Whether to show this screen before all others: on the machine's own screen, while neither an
 * operator nor zero-touch has set anything. A second language would be chosen here too.
 */
export function isNew({ settingsSource, settingsFailure, trial, zeroTouch }: Status): boolean {
  return (
    settingsSource === "defaults" &&
    settingsFailure === null &&
    trial === null &&
    zeroTouch.sources.length === 0
  );
}

export function startWelcome(settings: Settings): WelcomeState {
  return {
    form: startForm<Name>({ keyboard: settings.console.keyboard, trial: "" }),
    asked: null,
    taken: null,
    leaving: false,
  };
}

export function welcomeFields(state: WelcomeState, context: Context): FieldDefinition<Name>[] {
  const { words, status } = context;
  const { keyboard } = formTexts(state.form);
  const now = status?.settings.console.keyboard ?? "us";
  return [
    {
      kind: "choice",
      name: "keyboard",
      label: "welcome.keyboard",
      hint: words.say("welcome.hint.keyboard"),
      help: "help.welcome.keyboard",
      options: layoutOptions(words),
      list: true,
      note: layoutNote(keyboard, context),
    },
    {
      kind: "text",
      name: "trial",
      label: "welcome.trial",
      hint: words.say("welcome.hint.trial"),
      help: "help.welcome.trial",
      rules: textRules,
      width: 30,
      note:
        keyboard === now || state.form.focus === 0
          ? undefined
          : words.say("welcome.notYet", { keyboard: layoutName(now, words) }),
    },
  ];
}

export const welcomeModel: ScreenModel<WelcomeState> = {
  name: "welcome",
  title: "welcome.title",
  update(state: WelcomeState, event: ScreenEvent, context: Context): Step<WelcomeState> {
    const { words } = context;
    switch (event.type) {
      case "key":
        return press(state, event.key, context);
      case "reply": {
        if (event.verb !== "setKeyboard") return { state };
        const taken = state.asked;
        const next = { ...state, asked: null, taken };
        const said: Effect = {
          type: "message",
          text: words.say("welcome.set", { keyboard: layoutName(taken ?? "", words) }),
          style: "good",
        };
        if (state.leaving) return { state: next, effects: [{ type: "back" }, said] };
        return { state: { ...next, form: { ...state.form, focus: 1 } }, effects: [said] };
      }
      case "failed":
        return {
          state: { ...state, asked: null, leaving: false },
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      case "tick":
        // Another console has set the appliance up meanwhile, as on the serial line.
        return {
          state,
          effects:
            state.asked === null && state.taken === null && context.status && !isNew(context.status)
              ? [{ type: "back" }]
              : [],
        };
      default:
        return { state };
    }
  },
  help(state, context) {
    const fields = welcomeFields(state, context);
    const field = onButton(state.form, fields) ? undefined : fields[state.form.focus];
    return field ? [field.help, "help.welcome"] : ["help.welcome"];
  },
};

function press(state: WelcomeState, key: Key, context: Context): Step<WelcomeState> {
  const fields = welcomeFields(state, context);
  if (state.form.focus === 0) {
    if (key.name === "enter") return take(state, false);
    const options = layoutOptions(context.words);
    const selected = options.findIndex(({ value }) => value === state.form.fields.keyboard.text);
    const moved = /tab$/.test(key.name)
      ? null
      : moveInList(Math.max(selected, 0), key.name, options.length);
    const option = moved === null ? undefined : options[moved];
    if (option)
      return { state: { ...state, form: withText(state.form, "keyboard", option.value) } };
  } else if (key.name === "enter" && !onButton(state.form, fields)) {
    // Enter takes the layout that is chosen and says so; the next one goes on.
    return isTaken(state) ? goOn(state) : take(state, false);
  } else if (key.name === "enter" || key.name === "f2") return goOn(state);
  const step = updateForm(state.form, key, fields);
  const next = { ...state, form: step.form };
  return step.submitted ? goOn(next) : { state: next, handled: step.handled };
}

function isTaken({ taken, form }: WelcomeState): boolean {
  return taken === form.fields.keyboard.text;
}

function goOn(state: WelcomeState): Step<WelcomeState> {
  return isTaken(state) ? { state, effects: [{ type: "back" }] } : take(state, true);
}

function take(state: WelcomeState, leaving: boolean): Step<WelcomeState> {
  if (state.asked !== null) return { state };
  const layout = state.form.fields.keyboard.text;
  return {
    state: { ...state, asked: layout, leaving },
    effects: [{ type: "ask", verb: "setKeyboard", request: { layout } }],
  };
}
