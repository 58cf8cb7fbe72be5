import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";

export const powerActions = ["reboot", "poweroff"] as const;
export type PowerAction = (typeof powerActions)[number];

export interface PowerState {
  /** Index of the chosen action in powerActions. */
  readonly selected: number;
  /** The action to confirm; button 0 does it, button 1 does not. */
  readonly confirming: PowerAction | null;
  readonly confirmSelected: number;
  readonly asked: PowerAction | null;
}

export function startPower(): PowerState {
  return { selected: 0, confirming: null, confirmSelected: 1, asked: null };
}

export const powerModel: ScreenModel<PowerState> = {
  name: "power",
  title: "power.title",
  update(state: PowerState, event: ScreenEvent, context: Context): Step<PowerState> {
    switch (event.type) {
      case "key":
        if (state.asked !== null) return { state, handled: false };
        return state.confirming === null
          ? choose(state, event.key.name)
          : confirm(state, state.confirming, event.key.name, context);
      case "failed":
        return {
          state: { ...startPower(), selected: state.selected },
          effects: [
            { type: "message", text: failureText(event.failure, context.words), style: "bad" },
          ],
        };
      default:
        return { state };
    }
  },
  help: () => ["help.power"],
};

function choose(state: PowerState, key: string): Step<PowerState> {
  switch (key) {
    case "up":
    case "left":
    case "shift-tab":
      return { state: { ...state, selected: 0 } };
    case "down":
    case "right":
      return { state: { ...state, selected: powerActions.length - 1 } };
    case "tab":
      return { state: { ...state, selected: (state.selected + 1) % powerActions.length } };
    case "enter":
      return {
        state: { ...state, confirming: powerActions[state.selected] ?? null, confirmSelected: 1 },
      };
    default:
      return { state, handled: false };
  }
}

function confirm(
  state: PowerState,
  action: PowerAction,
  key: string,
  { words }: Context,
): Step<PowerState> {
  switch (key) {
    case "left":
    case "up":
      return { state: { ...state, confirmSelected: 0 } };
    case "right":
    case "down":
      return { state: { ...state, confirmSelected: 1 } };
    case "tab":
    case "shift-tab":
      return { state: { ...state, confirmSelected: 1 - state.confirmSelected } };
    case "escape":
      return { state: { ...state, confirming: null } };
    case "enter": {
      if (state.confirmSelected === 1) return { state: { ...state, confirming: null } };
      const text = words.say(action === "reboot" ? "power.rebooting" : "power.poweringOff");
      return {
        state: { ...state, confirming: null, asked: action },
        effects: [
          { type: "message", text, style: "strong" },
          { type: "ask", verb: "power", request: { action } },
        ],
      };
    }
    default:
      return { state, handled: key !== "f10" };
  }
}
