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

export const trialChoices = ["keep", "revert", "extend"] as const;
export type TrialChoice = (typeof trialChoices)[number];

export interface TrialState {
  /** The id of the shown trial. */
  readonly id: string;
  readonly selected: TrialChoice;
  /** The operator moved the selection: later advice does not move it any more. */
  readonly chosenByHand: boolean;
  /** The choice that configd has not answered yet. */
  readonly asked: TrialChoice | null;
}

export function startTrial(trial: Trial): TrialState {
  return { id: trial.id, selected: adviceOf(trial), chosenByHand: false, asked: null };
}

/** The preselected choice: without advice to keep it is to revert, which is always safe. */
function adviceOf(trial: Trial): TrialChoice {
  return trial.advice === "keep" ? "keep" : "revert";
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
  const at = trialChoices.indexOf(state.selected);
  const select = (index: number): Step<TrialState> => ({
    state: {
      ...state,
      selected: trialChoices[(index + trialChoices.length) % trialChoices.length] ?? state.selected,
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
      if (key.text === "r") return ask(state, "revert", context);
      if (key.text === "m") return ask(state, "extend", context);
      return { state, handled: false };
    default:
      return { state, handled: false };
  }
}

function ask(state: TrialState, choice: TrialChoice, { words, status }: Context): Step<TrialState> {
  if (state.asked !== null || status?.trial?.id !== state.id) return { state };
  const text = {
    keep: words.say("trial.keeping"),
    revert: words.say("trial.reverting"),
    extend: words.say("trial.extending"),
  }[choice];
  return {
    state: { ...state, asked: choice, selected: choice, chosenByHand: true },
    effects: [
      { type: "message", text, style: "normal" },
      { type: "ask", verb: choice, request: { id: state.id } },
    ],
  };
}

function follow(state: TrialState, { status }: Context): Step<TrialState> {
  const trial = status?.trial;
  if (!trial || trial.id !== state.id) return { state };
  return state.chosenByHand ? { state } : { state: { ...state, selected: adviceOf(trial) } };
}

function done(state: TrialState, verb: AskedVerb, { words }: Context): Step<TrialState> {
  // The trial's end itself comes with the status, as when another console ends it.
  const effects: Effect[] =
    verb === "extend"
      ? [{ type: "message", text: words.say("trial.extended"), style: "good" }]
      : [];
  return { state: { ...state, asked: null }, effects };
}
