import type { RungResult } from "../../../src/doctor/result.ts";
import type { CallFailure, Context, ScreenEvent, ScreenModel, Step } from "../../app/contract.ts";

export interface DiagnosticsState {
  readonly running: boolean;
  readonly results: readonly RungResult[];
  readonly failure: CallFailure | null;
  readonly selected: number;
}

export function startDiagnostics(): DiagnosticsState {
  return { running: true, results: [], failure: null, selected: 0 };
}

/** The rung to repair first; the ones behind it fail because of it. */
export function firstFailure(results: readonly RungResult[]): number {
  return results.findIndex(({ outcome }) => outcome === "failed");
}

export const diagnosticsModel: ScreenModel<DiagnosticsState> = {
  name: "diagnostics",
  title: "diagnostics.title",
  update(state: DiagnosticsState, event: ScreenEvent, _context: Context): Step<DiagnosticsState> {
    switch (event.type) {
      case "key":
        return press(state, event.key);
      case "diagnosed":
        return { state: { running: false, failure: null, results: event.results, selected: Math.max(0, firstFailure(event.results)) } };
      case "failed":
        return { state: { ...state, running: false, failure: event.failure } };
      default:
        return { state };
    }
  },
  help: () => ["help.diagnostics"],
};

function press(state: DiagnosticsState, key: { name: string; text?: string }): Step<DiagnosticsState> {
  const select = (index: number): Step<DiagnosticsState> => ({ state: { ...state, selected: Math.max(0, Math.min(index, state.results.length - 1)) } });
  switch (key.name) {
    case "up":
    case "shift-tab":
      return select(state.selected - 1);
    case "down":
    case "tab":
      return select(state.selected + 1);
    case "home":
      return select(0);
    case "end":
      return select(state.results.length - 1);
    case "f5":
    case "enter":
      return state.running ? { state } : { state: { ...state, running: true, failure: null }, effects: [{ type: "ask", verb: "doctor" }] };
    default:
      return { state, handled: false };
  }
}
