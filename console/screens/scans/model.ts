import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import { moveInList } from "../shared/choosing.ts";

export interface ScansState {
  readonly selected: number;
  /** The job to confirm the stop of; button 0 stops it, button 1 does not. */
  readonly confirming: string | null;
  readonly button: number;
}

export function startScans(): ScansState {
  return { selected: 0, confirming: null, button: 1 };
}

export const scansModel: ScreenModel<ScansState> = {
  name: "scans",
  title: "scans.title",
  update(state: ScansState, event: ScreenEvent, context: Context): Step<ScansState> {
    const { words } = context;
    switch (event.type) {
      case "key":
        return state.confirming === null
          ? choose(state, event.key, context)
          : confirm(state, state.confirming, event.key.name);
      case "reply":
        if (event.verb !== "stopScan") return { state };
        return {
          state,
          effects: [{ type: "message", text: words.say("scans.stopping"), style: "good" }],
        };
      case "failed":
        return {
          state,
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  help: () => ["help.scans"],
};

function choose(
  state: ScansState,
  key: { name: string; text?: string },
  { status }: Context,
): Step<ScansState> {
  const jobs = status?.agent?.jobs ?? [];
  const moved = moveInList(state.selected, key.name, jobs.length);
  if (moved !== null) return { state: { ...state, selected: moved } };
  const job = jobs[Math.min(state.selected, jobs.length - 1)];
  if (key.name === "character" && key.text === "s")
    return { state: { ...state, confirming: job?.jobId ?? null, button: 1 } };
  return { state, handled: false };
}

function confirm(state: ScansState, jobId: string, key: string): Step<ScansState> {
  switch (key) {
    case "left":
    case "up":
      return { state: { ...state, button: 0 } };
    case "right":
    case "down":
      return { state: { ...state, button: 1 } };
    case "tab":
    case "shift-tab":
      return { state: { ...state, button: 1 - state.button } };
    case "escape":
      return { state: { ...state, confirming: null } };
    case "enter":
      return {
        state: { ...state, confirming: null },
        effects: state.button === 0 ? [{ type: "ask", verb: "stopScan", request: { jobId } }] : [],
      };
    default:
      return { state, handled: key !== "f10" };
  }
}
