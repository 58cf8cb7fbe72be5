import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import { textRules } from "../../fields/rules.ts";
import { editText, type TextField, textField } from "../../fields/text-field.ts";
import type { Key } from "../../page/key.ts";

export const recoveryActions = ["network", "factory"] as const;
export type RecoveryAction = (typeof recoveryActions)[number];

export interface RecoveryState {
  readonly selected: number;
  readonly confirming: RecoveryAction | null;
  /** The typed host name that confirms a factory reset. */
  readonly typed: TextField;
  /** 0 is the field of a factory reset, 1 the button that does it, 2 the button that does not. */
  readonly focus: number;
  readonly asked: RecoveryAction | null;
}

export function startRecovery(): RecoveryState {
  return { selected: 0, confirming: null, typed: textField(), focus: 2, asked: null };
}

export const recoveryModel: ScreenModel<RecoveryState> = {
  name: "recovery",
  title: "recovery.title",
  update(state: RecoveryState, event: ScreenEvent, context: Context): Step<RecoveryState> {
    const { words } = context;
    switch (event.type) {
      case "key":
        if (state.asked !== null) return { state, handled: false };
        return state.confirming === null
          ? choose(state, event.key.name)
          : confirm(state, state.confirming, event.key, context);
      case "reply":
        if (event.verb !== "recoverNetwork") return { state };
        return {
          state: startRecovery(),
          effects: [{ type: "message", text: words.say("recovery.networkDone"), style: "good" }],
        };
      case "failed":
        return {
          state: { ...state, asked: null },
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  help: () => ["help.recovery"],
};

function choose(state: RecoveryState, key: string): Step<RecoveryState> {
  switch (key) {
    case "up":
    case "left":
      return { state: { ...state, selected: 0 } };
    case "down":
    case "right":
      return { state: { ...state, selected: 1 } };
    case "tab":
    case "shift-tab":
      return { state: { ...state, selected: 1 - state.selected } };
    case "enter": {
      const action = recoveryActions[state.selected] ?? null;
      return {
        state: {
          ...state,
          confirming: action,
          typed: textField(),
          focus: action === "factory" ? 0 : 2,
        },
      };
    }
    default:
      return { state, handled: false };
  }
}

/** The text to type: the appliance's name, so that an operator does not reset the wrong one. */
export function wordToType({ status }: Context): string {
  return status?.hostname ?? "";
}

function confirm(
  state: RecoveryState,
  action: RecoveryAction,
  key: Key,
  context: Context,
): Step<RecoveryState> {
  const first = action === "factory" ? 0 : 1;
  const move = (focus: number): Step<RecoveryState> => ({
    state: { ...state, focus: Math.max(first, Math.min(focus, 2)) },
  });
  switch (key.name) {
    case "escape":
      return { state: { ...state, confirming: null } };
    case "tab":
      return { state: { ...state, focus: state.focus === 2 ? first : state.focus + 1 } };
    case "shift-tab":
      return { state: { ...state, focus: state.focus === first ? 2 : state.focus - 1 } };
    case "up":
      return move(first);
    case "down":
      return move(state.focus + 1);
    case "enter":
      if (state.focus === 0) return move(1);
      if (state.focus === 2) return { state: { ...state, confirming: null } };
      return act(state, action, context);
    default:
      break;
  }
  if (state.focus === 0) {
    const edited = editText(state.typed, key, textRules);
    return {
      state: { ...state, typed: edited.field },
      handled: edited.handled || key.name !== "f10",
    };
  }
  if (key.name === "left") return move(1);
  if (key.name === "right") return move(2);
  return { state, handled: key.name !== "f10" };
}

function act(state: RecoveryState, action: RecoveryAction, context: Context): Step<RecoveryState> {
  const { words } = context;
  const asked: RecoveryState = { ...state, asked: action, confirming: null };
  if (action === "network")
    return { state: asked, effects: [{ type: "ask", verb: "recoverNetwork", request: {} }] };
  if (state.typed.text.trim().toLowerCase() !== wordToType(context).toLowerCase())
    return {
      state: { ...state, focus: 0 },
      effects: [
        {
          type: "message",
          text: words.say("recovery.wrongWord", { word: wordToType(context) }),
          style: "bad",
        },
      ],
    };
  return {
    state: asked,
    effects: [
      { type: "ask", verb: "factoryReset", request: { confirmation: state.typed.text.trim() } },
    ],
  };
}
