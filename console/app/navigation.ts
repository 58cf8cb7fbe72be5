import type { Ask, Effect, OpenScreen } from "../contract/contract.ts";
import type { Key } from "../page/key.ts";
import { open } from "../screens/registry.ts";
import { freshLock } from "./lock.ts";
import {
  type AppState,
  type AppStep,
  contextOf,
  type Entry,
  topOf,
  unsavedScreen,
} from "./state.ts";

/** Carries out the effects that a screen asked for; `from` is the screen's number. */
export function perform(state: AppState, from: number, effects: readonly Effect[]): AppStep {
  let step: AppStep = { state, effects: [] };
  const add = (next: AppStep) => {
    step = { state: next.state, effects: [...step.effects, ...next.effects] };
  };
  for (const effect of effects) {
    switch (effect.type) {
      case "ask":
        add({
          state: { ...step.state, ending: endAskedFor(effect) ?? step.state.ending },
          effects: [{ type: "ask", from, ask: effect }],
        });
        break;
      case "open":
        add(push(step.state, effect.screen));
        break;
      case "back":
        add(goBack(step.state));
        break;
      case "home":
        add(goHome(step.state));
        break;
      case "leave":
        add(leave(step.state));
        break;
      case "lock":
        if (step.state.status?.secrets.consolePin === true)
          step = { ...step, state: { ...step.state, lock: freshLock } };
        break;
      case "message":
        add({
          state: {
            ...step.state,
            message: { text: effect.text, style: effect.style, sinceMs: null },
          },
          effects: [],
        });
    }
  }
  return step;
}

function endAskedFor(ask: Ask): AppState["ending"] {
  if (ask.verb === "factoryReset") return "reset";
  return ask.verb === "power" ? ask.request.action : null;
}

/** To the screen below; asks first when unsaved input would be lost. */
export function goBack(state: AppState): AppStep {
  if (state.pile.length <= 1) return { state, effects: [] };
  if (topOf(state).screen.unsaved(contextOf(state))) return askUnsaved(state, "back");
  return { state: { ...state, pile: state.pile.slice(0, -1) }, effects: [] };
}

/** To the home screen; asks first when unsaved input would be lost. */
export function goHome(state: AppState): AppStep {
  return anyUnsaved(state)
    ? askUnsaved(state, "home")
    : { state: { ...state, pile: state.pile.slice(0, 1) }, effects: [] };
}

export function leave(state: AppState): AppStep {
  return anyUnsaved(state) ? askUnsaved(state, "leave") : { state, effects: [{ type: "leave" }] };
}

function askUnsaved(state: AppState, then: "back" | "home" | "leave"): AppStep {
  return { state: { ...state, overlay: { kind: "unsaved", selected: 0, then } }, effects: [] };
}

function anyUnsaved(state: AppState): boolean {
  return unsavedScreen(state) !== null;
}

/** Opens the trial's screen in place of the review and of an older trial's. */
export function openTrial(state: AppState): AppStep {
  const below = state.pile.filter(
    ({ screen }) => screen.name !== "trial" && screen.name !== "review",
  );
  return push(
    { ...state, pile: below, seenTrial: state.status?.trial?.id ?? state.seenTrial },
    { name: "trial", aboveForm: forms.has(below.at(-1)?.screen.name ?? "home") },
  );
}

/** The screens whose form proposes a change, and keeps what was typed while it is tried. */
const forms: ReadonlySet<OpenScreen["name"]> = new Set([
  "network",
  "proxy",
  "certificates",
  "time",
  "limits",
  "console",
]);

/** Opens a screen above the others; shows a message when it has nothing to show yet. */
export function push(state: AppState, request: Parameters<typeof open>[0]): AppStep {
  const context = contextOf(state);
  const opened = open(request, context);
  if (opened === null)
    return {
      state: {
        ...state,
        message: { text: state.words.say("banner.starting"), style: "warning", sinceMs: null },
      },
      effects: [],
    };
  const number = state.nextNumber;
  const entry: Entry = { number, screen: opened.screen, scroll: 0, scrolledByHand: false };
  return perform(
    { ...state, pile: [...state.pile, entry], nextNumber: number + 1 },
    number,
    opened.effects,
  );
}

/** The state with the top screen replaced after a key, scrolled by the page keys. */
export function withTop(state: AppState, screen: OpenScreen, key: Key): AppState {
  const top = topOf(state);
  const rows = pageRowsOf(key, state.rows);
  // The layout limits it to the page's length.
  const scroll = Math.max(0, top.scroll + rows);
  return {
    ...state,
    pile: [...state.pile.slice(0, -1), { ...top, screen, scroll, scrolledByHand: rows !== 0 }],
  };
}

/** Rows that a page key scrolls by, down or, below 0, up; 0 for other keys. */
function pageRowsOf(key: Key, rows: number): number {
  const half = Math.floor(rows / 2);
  if (key.name === "page-down") return half;
  return key.name === "page-up" ? -half : 0;
}

/** The same with the arrow keys, for a page that has nothing to choose. */
export function rowsOf(key: Key, rows: number): number {
  if (key.name === "up") return -1;
  return key.name === "down" ? 1 : pageRowsOf(key, rows);
}

/** Scrolls by the arrow keys, for a screen that does not handle them itself. */
export function scrolledByRow(state: AppState, rows: number): AppState {
  const top = topOf(state);
  return {
    ...state,
    pile: [
      ...state.pile.slice(0, -1),
      { ...top, scroll: Math.max(0, top.scroll + rows), scrolledByHand: true },
    ],
  };
}
