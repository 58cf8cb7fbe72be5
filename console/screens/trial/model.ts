import type { Trial } from "../../../src/configd/api/status.ts";
import {
  type AskedVerb,
  type Context,
  type Effect,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";

/** "form" reverts as "revert" does; below the trial is the form with what was typed. */
export type TrialChoice = "form" | "keep" | "revert" | "extend";

export interface TrialState {
  /** The id of the shown trial. */
  readonly id: string;
  /** The screen below is the form that the change was typed into. */
  readonly aboveForm: boolean;
  readonly selected: TrialChoice;
  /** The operator moved the selection: later advice does not move it any more. */
  readonly chosenByHand: boolean;
  /** The choice that configd has not answered yet. */
  readonly asked: TrialChoice | null;
}

export function startTrial(trial: Trial, aboveForm: boolean): TrialState {
  return {
    id: trial.id,
    aboveForm,
    selected: preselected(trial, aboveForm),
    chosenByHand: false,
    asked: null,
  };
}

/** The choices in their order, of which "form" takes the place of "revert". */
export function choicesOf({ aboveForm }: TrialState, { advice }: Trial): readonly TrialChoice[] {
  if (advice !== "not-yet") return ["keep", "revert", "extend"];
  return [goingBack(aboveForm), "keep", "extend"];
}

function goingBack(aboveForm: boolean): TrialChoice {
  return aboveForm ? "form" : "revert";
}

/** Without advice to keep it is to go back, which is always safe. */
function preselected(trial: Trial, aboveForm: boolean): TrialChoice {
  if (trial.advice === "keep") return "keep";
  return trial.advice === "not-yet" ? goingBack(aboveForm) : "revert";
}

export const trialModel: ScreenModel<TrialState> = {
  name: "trial",
  title: "trial.title",
  update(state: TrialState, event: ScreenEvent, context: Context): Step<TrialState> {
    switch (event.type) {
      case "key":
        return press(state, event.key, context);
      case "status":
        return follow(state, context);
      case "reply":
        return done(state, event.verb, context);
      case "failed": {
        const gone = event.failure.code === "trial-unknown";
        const message: Effect = {
          type: "message",
          text: failureText(event.failure, context.words),
          style: gone ? "warning" : "bad",
        };
        return { state: { ...state, asked: null }, effects: [message] };
      }
      default:
        return { state };
    }
  },
  help: () => ["help.trial"],
};

function press(
  state: TrialState,
  key: { name: string; text?: string },
  context: Context,
): Step<TrialState> {
  const choices = context.status?.trial ? choicesOf(state, context.status.trial) : [];
  const at = choices.indexOf(state.selected);
  const select = (index: number): Step<TrialState> => ({
    state: {
      ...state,
      selected: choices[(index + choices.length) % choices.length] ?? state.selected,
      chosenByHand: true,
    },
  });
  switch (key.name) {
    case "left":
    case "shift-tab":
    case "up":
      return select(at - 1);
    case "right":
    case "tab":
    case "down":
      return select(at + 1);
    case "enter":
      return ask(state, state.selected, context);
    case "character":
      if (key.text === "k") return ask(state, "keep", context);
      if (key.text === "r")
        return ask(state, choices.includes("form") ? "form" : "revert", context);
      if (key.text === "m") return ask(state, "extend", context);
      return { state, handled: false };
    default:
      return { state, handled: false };
  }
}

function ask(state: TrialState, choice: TrialChoice, { words, status }: Context): Step<TrialState> {
  if (state.asked !== null || status?.trial?.id !== state.id) return { state };
  const text = {
    form: words.say("trial.reverting"),
    keep: words.say("trial.keeping"),
    revert: words.say("trial.reverting"),
    extend: words.say("trial.extending"),
  }[choice];
  return {
    state: { ...state, asked: choice, selected: choice, chosenByHand: true },
    effects: [
      { type: "message", text, style: "normal" },
      { type: "ask", verb: choice === "form" ? "revert" : choice, request: { id: state.id } },
    ],
  };
}

function follow(state: TrialState, { status }: Context): Step<TrialState> {
  const trial = status?.trial;
  if (!trial || trial.id !== state.id) return { state };
  // A choice that the advice took away is no choice of the operator any more.
  return state.chosenByHand && choicesOf(state, trial).includes(state.selected)
    ? { state }
    : {
        state: { ...state, selected: preselected(trial, state.aboveForm), chosenByHand: false },
      };
}

function done(state: TrialState, verb: AskedVerb, { words }: Context): Step<TrialState> {
  // The trial's end itself comes with the status, as when another console ends it.
  const effects: Effect[] =
    verb === "extend"
      ? [{ type: "message", text: words.say("trial.extended"), style: "good" }]
      : [];
  return { state: { ...state, asked: null }, effects };
}
