import type { CheckResult } from "../../../src/protocol/schemas/check-result.ts";
import type {
  CallFailure,
  Context,
  Effect,
  ScreenEvent,
  ScreenModel,
  Step,
  TypedTest,
} from "../../contract/contract.ts";

export interface DiagnosticsState {
  readonly running: boolean;
  readonly results: readonly CheckResult[];
  readonly failure: CallFailure | null;
  readonly selected: number;
  /** The id of the only check that runs again; null when all run. */
  readonly only: string | null;
  /** What is tested in place of the active settings. */
  readonly typed: TypedTest | null;
}

export function startDiagnostics(typed: TypedTest | null = null): DiagnosticsState {
  return { running: true, results: [], failure: null, selected: 0, only: null, typed };
}

/** The request for all checks, or for the one that is to run again. */
export function askDoctor({ typed, only }: Pick<DiagnosticsState, "typed" | "only">): Effect {
  const which = only === null ? {} : { only };
  return typed === null
    ? { type: "ask", verb: "doctor", request: which }
    : { type: "ask", verb: "testTyped", request: { change: typed.change, ...which } };
}

/** Index of the check to repair first; later checks fail because of it. */
export function firstFailure(results: readonly CheckResult[]): number {
  return results.findIndex(({ outcome }) => outcome === "failed");
}

/** Why a typed value was not tested. Other checks are skipped since there is nothing to test. */
const untestedFacts: readonly string[] = [
  "typed-dhcp",
  "typed-vlan",
  "typed-scan-side",
  "typed-ipv6",
  "typed-unasked",
  "typed-unasked-6",
  "typed-offline",
  "typed-offline-family",
  "typed-address-unasked",
  "no-platform-set",
];

/** What was typed and not tested, or only in part. */
export function untested({ results, typed }: DiagnosticsState): CheckResult[] {
  if (typed === null) return [];
  return results.filter(({ facts }) => facts?.some(({ code }) => untestedFacts.includes(code)));
}

/** Whether any typed value was tested: the link of its card is none. */
export function isTested({ results }: DiagnosticsState): boolean {
  return results.some(({ check, outcome }) => check !== "link" && outcome !== "skipped");
}

export function warned(results: readonly CheckResult[]): CheckResult[] {
  return results.filter(({ outcome }) => outcome === "warning");
}

/** The row to look at first. */
function foremost(state: DiagnosticsState): number {
  const { results } = state;
  const failure = firstFailure(results);
  if (failure >= 0) return failure;
  const [first] = [...warned(results), ...untested(state)];
  return first === undefined ? 0 : results.indexOf(first);
}

export const diagnosticsModel: ScreenModel<DiagnosticsState> = {
  name: "diagnostics",
  title: "diagnostics.title",
  update(state: DiagnosticsState, event: ScreenEvent, _context: Context): Step<DiagnosticsState> {
    switch (event.type) {
      case "key":
        return press(state, event.key);
      case "reply":
        if (event.verb !== "doctor" && event.verb !== "testTyped") return { state };
        return {
          state:
            state.only === null
              ? whole(state, event.reply.results)
              : replaced(state, event.reply.results),
        };
      case "failed":
        return { state: { ...state, running: false, failure: event.failure } };
      default:
        return { state };
    }
  },
  help: ({ typed }) => [typed === null ? "help.diagnostics" : "help.typed"],
};

function whole(state: DiagnosticsState, results: readonly CheckResult[]): DiagnosticsState {
  const next = { ...state, running: false, failure: null, results, only: null };
  return { ...next, selected: foremost(next) };
}

/** Replaces the checks that ran again; the others keep their old results. */
function replaced(state: DiagnosticsState, fresh: readonly CheckResult[]): DiagnosticsState {
  const results = state.results.map((old) => fresh.find(({ id }) => id === old.id) ?? old);
  return { ...state, running: false, failure: null, results, only: null };
}

function press(
  state: DiagnosticsState,
  key: { name: string; text?: string },
): Step<DiagnosticsState> {
  const select = (index: number): Step<DiagnosticsState> => ({
    state: { ...state, selected: Math.max(0, Math.min(index, state.results.length - 1)) },
  });
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
    case "f7":
      return { state, effects: [{ type: "open", screen: { name: "egress" } }] };
    case "f6":
      return { state, effects: [{ type: "open", screen: { name: "tools" } }] };
    case "character": {
      const chosen = state.results[state.selected];
      if (key.text === "t" && chosen?.authorities !== undefined) {
        const screen = { name: "certificates", seen: chosen.authorities } as const;
        return { state, effects: [{ type: "open", screen }] };
      }
      if (key.text !== "r" || chosen === undefined) return { state, handled: false };
      return runAgain(state, chosen.id);
    }
    case "f5":
    case "enter":
      return runAgain(state, null);
    default:
      return { state, handled: false };
  }
}

function runAgain(state: DiagnosticsState, only: string | null): Step<DiagnosticsState> {
  if (state.running) return { state };
  const next: DiagnosticsState = { ...state, running: true, failure: null, only };
  return { state: next, effects: [askDoctor(next)] };
}
