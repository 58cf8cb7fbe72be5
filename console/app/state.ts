import type { Status } from "../../src/configd/api/status.ts";
import type { Ask, Context, OpenScreen } from "../contract/contract.ts";
import type { Style } from "../frame/frame.ts";
import type { Key } from "../page/key.ts";
import { openHome } from "../screens/registry.ts";
import type { Words } from "../words/words.ts";
import type { Answer } from "./ask.ts";
import type { Lock } from "./lock.ts";

/** One screen on the pile. Its number assigns configd's answers to the screen that asked. */
export interface Entry {
  readonly number: number;
  readonly screen: OpenScreen;
  readonly scroll: number;
  /** The operator scrolls: the scroll does not follow the focus until another key is pressed. */
  readonly scrolledByHand: boolean;
}

export type Overlay =
  | { kind: "help"; scroll: number }
  | { kind: "keys"; scroll: number }
  | { kind: "unsaved"; selected: number; then: "back" | "home" | "leave" };

export interface AppState {
  readonly words: Words;
  readonly canLeave: boolean;
  readonly atMachine: boolean;
  /** Line mode: keys have numbers, and are no matter of their own. */
  readonly byLine: boolean;
  readonly columns: number;
  readonly rows: number;
  /** The open screens: home is the first, the visible one is the last. */
  readonly pile: readonly Entry[];
  readonly nextNumber: number;
  readonly overlay: Overlay | null;
  readonly lock: Lock | null;
  /** When a key was pressed last, by the monotonic clock; null before the first status. */
  readonly lastKeyMs: number | null;
  /**
   * `sinceMs` is set by the first tick after the message came: after a stall, `monotonicMs` may be
   * long out of date when it comes.
   */
  readonly message: { text: string; style: Style; sinceMs: number | null } | null;
  readonly status: Status | null;
  readonly connected: boolean;
  /** Monotonic time when the status came, and now. */
  readonly statusAtMs: number;
  readonly monotonicMs: number;
  /** The appliance was asked to end itself: configd goes away because of it. */
  readonly ending: "reset" | "reboot" | "poweroff" | null;
  /** The trial whose screen was opened already: it is not opened automatically again. */
  readonly seenTrial: string | null;
  /** The trial that was running at the last status, to show how it ended. */
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
  byLine?: boolean;
  columns: number;
  rows: number;
  monotonicMs: number;
}): AppState {
  return {
    words: options.words,
    canLeave: options.canLeave,
    atMachine: options.atMachine ?? false,
    byLine: options.byLine ?? false,
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
    ending: null,
    seenTrial: null,
    runningTrial: null,
  };
}

/** What screens get to know of the state. */
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

/** The highest screen with unsaved input, or null. */
export function unsavedScreen(state: AppState): OpenScreen | null {
  const context = contextOf(state);
  return state.pile.findLast(({ screen }) => screen.unsaved(context))?.screen ?? null;
}
