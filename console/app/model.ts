import type { Key } from "../page/key.ts";
import { takeAnswer, takeStatus } from "./configd-news.ts";
import { freshLock, type Lock, lockNumber, pressLocked, shouldLock } from "./lock.ts";
import {
  goBack,
  goHome,
  leave,
  openTrial,
  perform,
  rowsOf,
  scrolledByRow,
  withTop,
} from "./navigation.ts";
import {
  type AppEffect,
  type AppEvent,
  type AppState,
  type AppStep,
  contextOf,
  type Overlay,
  topOf,
} from "./state.ts";
import { answerUnsaved } from "./unsaved.ts";

/** The state after an event, and what the engine has to do for it. */
export function updateApp(state: AppState, event: AppEvent): AppStep {
  switch (event.type) {
    case "size":
      return { state: { ...state, columns: event.columns, rows: event.rows }, effects: [] };
    case "tick":
      return passSecond(lockWhenIdle(fadeMessage({ ...state, monotonicMs: event.monotonicMs })));
    case "disconnected":
      return { state: { ...state, connected: false }, effects: [] };
    case "status":
      return takeStatus(state, event.status, event.monotonicMs);
    case "answer":
      return takeAnswer(state, event.to, event.event);
    case "key":
      return press({ ...state, message: null, lastKeyMs: state.monotonicMs }, event.key);
  }
}

/** A good message fades after this time; a bad one stays until the next key. */
const goodNewsMs = 10_000;

function fadeMessage(state: AppState): AppState {
  const { message, monotonicMs } = state;
  if (message === null || (message.style !== "good" && message.style !== "normal")) return state;
  if (message.sinceMs === null) return { ...state, message: { ...message, sinceMs: monotonicMs } };
  return monotonicMs - message.sinceMs > goodNewsMs ? { ...state, message: null } : state;
}

function lockWhenIdle(state: AppState): AppState {
  const { status, lock, lastKeyMs, monotonicMs } = state;
  if (status === null || lock !== null || lastKeyMs === null) return state;
  return shouldLock(status, monotonicMs - lastKeyMs)
    ? { ...state, lock: freshLock, overlay: hiddenBehindLock(state.overlay) }
    : state;
}

/** The lock closes help, but keeps the question about unsaved input for after it. */
function hiddenBehindLock(overlay: Overlay | null): Overlay | null {
  return overlay?.kind === "unsaved" ? overlay : null;
}

/** Only the visible screen gets the tick of each second. */
function passSecond(state: AppState): AppStep {
  const top = topOf(state);
  if (state.status === null || !state.connected || state.lock !== null)
    return { state, effects: [] };
  const step = top.screen.handle({ type: "tick" }, contextOf(state));
  const pile =
    step.screen === top.screen
      ? state.pile
      : [...state.pile.slice(0, -1), { ...top, screen: step.screen }];
  return perform({ ...state, pile }, top.number, step.effects);
}

function press(state: AppState, key: Key): AppStep {
  if (key.name === "ctrl-l") return { state, effects: [{ type: "repaint" }] };
  if (state.lock !== null) return pressLock(state, state.lock, key);
  if (state.overlay?.kind === "unsaved") return answerUnsaved(state, state.overlay, key);
  if (state.overlay !== null) return pressHelp(state, state.overlay, key);
  if (key.name === "f1")
    return { state: { ...state, overlay: { kind: "help", scroll: 0 } }, effects: [] };
  if (key.name === "f10") return goHome(state);
  if (key.name === "f9" && state.status?.trial) return openTrial(state);
  if (key.name === "ctrl-q" && state.canLeave) return leave(state);
  const top = topOf(state);
  const step = top.screen.handle({ type: "key", key }, contextOf(state));
  const next = withTop(state, step.screen, key);
  if (step.handled) return perform(next, top.number, step.effects);
  if (key.name === "escape") return goBack(next);
  if (key.name === "up" || key.name === "down")
    return { state: scrolledByRow(next, key.name === "up" ? -1 : 1), effects: [] };
  if (key.name === "character" && key.text === "?")
    return { state: { ...next, overlay: { kind: "keys", scroll: 0 } }, effects: [] };
  return { state: next, effects: [] };
}

/** Help is read to its end by the keys that scroll; every other key closes it. */
function pressHelp(
  state: AppState,
  overlay: Exclude<Overlay, { kind: "unsaved" }>,
  key: Key,
): AppStep {
  const rows = rowsOf(key, state.rows);
  // The layout limits it to the page's length.
  const scrolled = { ...overlay, scroll: Math.max(0, overlay.scroll + rows) };
  return { state: { ...state, overlay: rows === 0 ? null : scrolled }, effects: [] };
}

function pressLock(state: AppState, lock: Lock, key: Key): AppStep {
  if (state.overlay?.kind === "help") return pressHelp(state, state.overlay, key);
  if (key.name === "f1")
    return { state: { ...state, overlay: { kind: "help", scroll: 0 } }, effects: [] };
  if (key.name === "ctrl-q" && state.canLeave) return { state, effects: [{ type: "leave" }] };
  const pressed = pressLocked(lock, key, state.monotonicMs);
  const effects: AppEffect[] =
    pressed.ask === null
      ? []
      : [
          {
            type: "ask",
            from: lockNumber,
            ask: { type: "ask", verb: "unlock", request: { pin: pressed.ask } },
          },
        ];
  return { state: { ...state, lock: pressed.lock }, effects };
}
