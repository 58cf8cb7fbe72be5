import type { VerbReply } from "../../../src/configd/api/api.ts";
import {
  type Context,
  type Effect,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import { textRules } from "../../fields/rules.ts";
import { editText, type TextField, textField } from "../../fields/text-field.ts";
import type { Key } from "../../page/key.ts";

export const logSources = ["agent", "system", "network"] as const;
export type LogSource = (typeof logSources)[number];
export type LogEntry = VerbReply<"logs">["entries"][number];

export interface LogsState {
  readonly source: LogSource;
  readonly entries: readonly LogEntry[];
  /** The journal's cursor at the last answer; null before the first. */
  readonly cursor: string | null;
  readonly asked: boolean;
  /**
   * Whether the newest entries are shown as they come; else `top` is the first visible one of the
   * filtered entries.
   */
  readonly following: boolean;
  readonly top: number;
  readonly filter: TextField;
  readonly filtering: boolean;
  /** Long lines go on in the next row. */
  readonly whole: boolean;
  readonly failure: string | null;
}

/** The number of entries to fetch at first, and the number to keep. */
const firstLines = 300;
const mostKept = 2000;

export function startLogs(source: LogSource = "agent"): LogsState {
  return {
    source,
    entries: [],
    cursor: null,
    asked: true,
    following: true,
    top: 0,
    filter: textField(),
    filtering: false,
    whole: false,
    failure: null,
  };
}

export function askLogs({ source, cursor }: Pick<LogsState, "source" | "cursor">): Effect {
  return {
    type: "ask",
    verb: "logs",
    request: {
      source,
      lines: cursor === null ? firstLines : 500,
      ...(cursor === null ? {} : { after: cursor }),
    },
  };
}

/** The entries that contain all words of the filter, in any order and case. */
export function shownEntries({ entries, filter }: LogsState): readonly LogEntry[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0
    ? entries
    : entries.filter(({ from, text }) =>
        words.every((word) => `${from} ${text}`.toLowerCase().includes(word)),
      );
}

/**
 * Entries of the list that fit beside the rest of the screen; as whole lines some take several
 * rows.
 */
export function logRows(rows: number, whole: boolean): number {
  const room = Math.max(5, rows - 9);
  return whole ? Math.ceil(room / 4) : room;
}

export const logsModel: ScreenModel<LogsState> = {
  name: "logs",
  title: "logs.title",
  update(state: LogsState, event: ScreenEvent, context: Context): Step<LogsState> {
    switch (event.type) {
      case "key":
        return state.filtering ? typeFilter(state, event.key) : press(state, event.key, context);
      case "tick":
        return state.following && !state.asked
          ? { state: { ...state, asked: true }, effects: [askLogs(state)] }
          : { state };
      case "reply":
        return event.verb === "logs" ? { state: take(state, event.reply.entries) } : { state };
      case "failed":
        return {
          state: { ...state, asked: false, failure: failureText(event.failure, context.words) },
        };
      default:
        return { state };
    }
  },
  help: () => ["help.logs"],
};

function take(state: LogsState, news: readonly LogEntry[]): LogsState {
  const known = new Set(state.entries.map(({ cursor }) => cursor));
  const entries = [...state.entries, ...news.filter(({ cursor }) => !known.has(cursor))].slice(
    -mostKept,
  );
  return {
    ...state,
    entries,
    cursor: entries.at(-1)?.cursor ?? state.cursor,
    asked: false,
    failure: null,
  };
}

function press(state: LogsState, key: Key, { rows }: Context): Step<LogsState> {
  const visible = logRows(rows, state.whole);
  const count = shownEntries(state).length;
  const last = Math.max(0, count - visible);
  const at = state.following ? last : Math.min(state.top, last);
  const go = (top: number): Step<LogsState> => ({
    state: { ...state, top: Math.max(0, Math.min(top, last)), following: false },
  });
  switch (key.name) {
    case "up":
      return go(at - 1);
    case "down":
      return go(at + 1);
    case "page-up":
      return go(at - visible);
    case "page-down":
      return go(at + visible);
    case "home":
      return go(0);
    case "end":
      return { state: { ...state, following: true } };
    case "left":
    case "right":
    case "tab":
    case "shift-tab":
      return change(state, key.name === "left" || key.name === "shift-tab" ? -1 : 1);
    case "f5":
      return { state: { ...state, asked: true }, effects: [askLogs(state)] };
    case "enter":
      return { state: { ...state, whole: !state.whole } };
    case "f3":
      return { state: { ...state, filtering: true } };
    case "character":
      if (key.text === "/") return { state: { ...state, filtering: true } };
      if (key.text === "f") return { state: { ...state, following: !state.following, top: at } };
      return { state, handled: false };
    default:
      return { state, handled: false };
  }
}

function change(state: LogsState, by: number): Step<LogsState> {
  const source =
    logSources[(logSources.indexOf(state.source) + by + logSources.length) % logSources.length] ??
    "agent";
  const fresh = { ...startLogs(source), filter: state.filter, whole: state.whole };
  return { state: fresh, effects: [askLogs(fresh)] };
}

/** Filters the list again at every key. */
function typeFilter(state: LogsState, key: Key): Step<LogsState> {
  if (key.name === "escape" || key.name === "enter" || key.name === "f3" || key.name === "tab")
    return {
      state: {
        ...state,
        filtering: false,
        filter: key.name === "escape" ? textField() : state.filter,
      },
    };
  const edited = editText(state.filter, key, textRules);
  return { state: { ...state, filter: edited.field }, handled: edited.handled };
}
