import type { Status } from "../../src/configd/api/status.ts";
import type { Ask, Context, Effect, OpenScreen } from "../contract/contract.ts";
import type { Style } from "../frame/frame.ts";
import type { Key } from "../page/key.ts";
import { open, openHome } from "../screens/registry.ts";
import { isNew } from "../screens/welcome/model.ts";
import type { Words } from "../words/words.ts";
import type { Answer } from "./ask.ts";
import { answerLocked, freshLock, type Lock, lockNumber, pressLocked, shouldLock } from "./lock.ts";
import { endMessage } from "./trial-end.ts";
import { answerUnsaved } from "./unsaved.ts";

/** One screen on the pile; its number tells whose question an answer belongs to. */
export interface Entry {
  readonly number: number;
  readonly screen: OpenScreen;
  readonly scroll: number;
  /** Somebody pages through: the scroll does not follow the focus until another key is pressed. */
  readonly scrolledByHand: boolean;
}

export type Overlay =
  | { kind: "help" }
  | { kind: "keys" }
  | { kind: "unsaved"; selected: number; then: "back" | "home" | "leave" };

export interface AppState {
  readonly words: Words;
  readonly canLeave: boolean;
  readonly atMachine: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Home is the lowest, what is seen is the last. */
  readonly pile: readonly Entry[];
  readonly nextNumber: number;
  readonly overlay: Overlay | null;
  readonly lock: Lock | null;
  /** When a key was pressed last, by the monotonic clock; null before the first status. */
  readonly lastKeyMs: number | null;
  /**
   * Seen since the first tick that found it: after a stall, the time that is known when it comes
   * may be long over.
   */
  readonly message: { text: string; style: Style; sinceMs: number | null } | null;
  readonly status: Status | null;
  readonly connected: boolean;
  /** Monotonic time when the status came, and now. */
  readonly statusAtMs: number;
  readonly monotonicMs: number;
  /** Trial that was opened by itself or by hand: it is not opened by itself again. */
  readonly seenTrial: string | null;
  /** Trial that was running at the last status, to say how it ended. */
  readonly runningTrial: string | null;
}

export type AppEvent =
  | { type: "key"; key: Key }
  | { type: "size"; columns: number; rows: number }
  | { type: "tick"; monotonicMs: number }
  | { type: "status"; status: Status; monotonicMs: number }
  | { type: "disconnected" }
  | { type: "answer"; to: number; event: Answer };

export type AppEffect =
  | { type: "ask"; from: number; ask: Ask }
  | { type: "repaint" }
  | { type: "leave" };

export interface AppStep {
  state: AppState;
  effects: readonly AppEffect[];
}

export function startApp(options: {
  words: Words;
  canLeave: boolean;
  atMachine?: boolean;
  columns: number;
  rows: number;
  monotonicMs: number;
}): AppState {
  return {
    words: options.words,
    canLeave: options.canLeave,
    atMachine: options.atMachine ?? false,
    columns: options.columns,
    rows: options.rows,
    pile: [{ number: 0, screen: openHome(), scroll: 0, scrolledByHand: false }],
    nextNumber: 1,
    overlay: null,
    lock: null,
    lastKeyMs: null,
    message: null,
    status: null,
    connected: false,
    statusAtMs: 0,
    monotonicMs: options.monotonicMs,
    seenTrial: null,
    runningTrial: null,
  };
}

export function contextOf(state: AppState): Context {
  const { status, connected, words, columns, rows, canLeave, atMachine } = state;
  return {
    status,
    connected,
    words,
    columns,
    rows,
    canLeave,
    atMachine,
    nowMs: (status?.now ?? 0) + (state.monotonicMs - state.statusAtMs),
  };
}

export function topOf(state: AppState): Entry {
  return state.pile.at(-1) ?? { number: 0, screen: openHome(), scroll: 0, scrolledByHand: false };
}

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

/** Good news is old after a while; what went wrong stays until somebody pressed a key. */
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

/** Help is closed by the lock; a question about what was typed is not. */
function hiddenBehindLock(overlay: Overlay | null): Overlay | null {
  return overlay?.kind === "unsaved" ? overlay : null;
}

function pressLock(state: AppState, lock: Lock, key: Key): AppStep {
  if (state.overlay?.kind === "help") return { state: { ...state, overlay: null }, effects: [] };
  if (key.name === "f1") return { state: { ...state, overlay: { kind: "help" } }, effects: [] };
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

/** Only the screen that is seen lives on by itself. */
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
  if (state.overlay !== null) return { state: { ...state, overlay: null }, effects: [] };
  if (key.name === "f1") return { state: { ...state, overlay: { kind: "help" } }, effects: [] };
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
    return { state: { ...next, overlay: { kind: "keys" } }, effects: [] };
  return { state: next, effects: [] };
}

function goBack(state: AppState): AppStep {
  if (state.pile.length <= 1) return { state, effects: [] };
  if (topOf(state).screen.unsaved(contextOf(state))) return ask(state, "back");
  return { state: { ...state, pile: state.pile.slice(0, -1) }, effects: [] };
}

function goHome(state: AppState): AppStep {
  return anyUnsaved(state)
    ? ask(state, "home")
    : { state: { ...state, pile: state.pile.slice(0, 1) }, effects: [] };
}

function leave(state: AppState): AppStep {
  return anyUnsaved(state) ? ask(state, "leave") : { state, effects: [{ type: "leave" }] };
}

function ask(state: AppState, then: "back" | "home" | "leave"): AppStep {
  return { state: { ...state, overlay: { kind: "unsaved", selected: 0, then } }, effects: [] };
}

/** The screen with something unsaved that lies highest, or null. */
export function unsavedScreen(state: AppState): OpenScreen | null {
  const context = contextOf(state);
  return state.pile.findLast(({ screen }) => screen.unsaved(context))?.screen ?? null;
}

function anyUnsaved(state: AppState): boolean {
  return unsavedScreen(state) !== null;
}

function openTrial(state: AppState): AppStep {
  const below = state.pile.filter(
    ({ screen }) => screen.name !== "trial" && screen.name !== "review",
  );
  return push(
    { ...state, pile: below, seenTrial: state.status?.trial?.id ?? state.seenTrial },
    { name: "trial" },
  );
}

function push(state: AppState, request: Parameters<typeof open>[0]): AppStep {
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

function withTop(state: AppState, screen: OpenScreen, key: Key): AppState {
  const top = topOf(state);
  const page = key.name === "page-down" ? 1 : key.name === "page-up" ? -1 : 0;
  // The layout keeps it within what there is.
  const scroll = Math.max(0, top.scroll + page * Math.floor(state.rows / 2));
  return {
    ...state,
    pile: [...state.pile.slice(0, -1), { ...top, screen, scroll, scrolledByHand: page !== 0 }],
  };
}

/** Where the arrows mean nothing to a screen, they move what is longer than it. */
function scrolledByRow(state: AppState, rows: number): AppState {
  const top = topOf(state);
  return {
    ...state,
    pile: [
      ...state.pile.slice(0, -1),
      { ...top, scroll: Math.max(0, top.scroll + rows), scrolledByHand: true },
    ],
  };
}

/** Does what a screen wished for. */
function perform(state: AppState, from: number, effects: readonly Effect[]): AppStep {
  let step: AppStep = { state, effects: [] };
  const add = (next: AppStep) => {
    step = { state: next.state, effects: [...step.effects, ...next.effects] };
  };
  for (const effect of effects) {
    switch (effect.type) {
      case "ask":
        add({ state: step.state, effects: [{ type: "ask", from, ask: effect }] });
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

function takeAnswer(state: AppState, to: number, event: Answer): AppStep {
  if (to === lockNumber && state.lock !== null) {
    const reply = event.type === "reply" && event.verb === "unlock" ? event.reply : null;
    return {
      state: {
        ...state,
        lock: answerLocked(state.lock, reply, state.monotonicMs),
        lastKeyMs: state.monotonicMs,
      },
      effects: [],
    };
  }
  const entry = state.pile.find(({ number }) => number === to);
  if (!entry) return { state, effects: [] };
  // A trial has begun: its screen takes the place of the review, above the form.
  if (event.type === "reply" && (event.verb === "try" || event.verb === "restore")) {
    const status = state.status === null ? null : { ...state.status, trial: event.reply };
    return openTrial({ ...state, status, runningTrial: event.reply.id });
  }
  const step = entry.screen.handle(event, contextOf(state));
  const pile = state.pile.map((each) => (each === entry ? { ...each, screen: step.screen } : each));
  return perform({ ...state, pile }, to, step.effects);
}

function takeStatus(state: AppState, status: Status, monotonicMs: number): AppStep {
  let next: AppState = {
    ...state,
    status,
    connected: true,
    statusAtMs: monotonicMs,
    monotonicMs,
    runningTrial: status.trial?.id ?? null,
  };
  // Whoever starts the console anew does not come round the lock.
  if (state.status === null)
    next = { ...next, lastKeyMs: monotonicMs, lock: shouldLock(status, null) ? freshLock : null };
  else if (status.secrets.consolePin !== true && next.lock !== null) next = { ...next, lock: null };
  const context = contextOf(next);
  next = {
    ...next,
    pile: next.pile.map((entry) => ({
      ...entry,
      screen: entry.screen.handle({ type: "status" }, context).screen,
    })),
  };
  if (status.trial === null && state.runningTrial !== null)
    return endTrial(next, state.runningTrial, status);
  const { trial } = status;
  if (
    trial !== null &&
    trial.id !== next.seenTrial &&
    next.overlay === null &&
    next.pile.length === 1
  )
    return openTrial(next);
  if (state.status === null && state.atMachine && isNew(status))
    return push(next, { name: "welcome" });
  return { state: next, effects: [] };
}

/**
 * A trial ended, here, on another console or by itself: say how, and show the form again unless it
 * is done with.
 */
function endTrial(state: AppState, id: string, status: Status): AppStep {
  const end = status.lastTrial?.id === id ? status.lastTrial : null;
  const wasShown = state.pile.some(({ screen }) => screen.name === "trial");
  const kept = end?.end === "kept";
  const below = state.pile.filter(({ screen }) => screen.name !== "trial");
  const pile = wasShown && kept ? below.slice(0, 1) : below;
  return {
    state: {
      ...state,
      pile,
      message: end ? { ...endMessage(end, state.words), sinceMs: null } : state.message,
    },
    effects: [],
  };
}
