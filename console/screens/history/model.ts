import type { KeptConfiguration } from "../../../src/configd/api/shapes.ts";
import {
  type Context,
  failureText,
  type OpenRequest,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import { moveInList } from "../shared/choosing.ts";

export interface HistoryState {
  /** Newest first; null until configd has answered. */
  readonly entries: readonly KeptConfiguration[] | null;
  readonly selected: number;
  /** The history could not be read. */
  readonly failed: boolean;
}

export function startHistory(): HistoryState {
  return { entries: null, selected: 0, failed: false };
}

export const historyModel: ScreenModel<HistoryState> = {
  name: "history",
  title: "history.title",
  update(state: HistoryState, event: ScreenEvent, { words }: Context): Step<HistoryState> {
    switch (event.type) {
      case "key":
        return press(state, event.key.name);
      case "reply":
        if (event.verb !== "history") return { state };
        // The first entry has the present settings, so the one before it is preselected.
        return {
          state: {
            ...state,
            entries: event.reply.entries,
            selected: event.reply.entries.length > 1 ? 1 : 0,
          },
        };
      case "failed":
        return {
          state: { ...state, failed: state.entries === null },
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  help: () => ["help.history"],
};

function press(state: HistoryState, key: string): Step<HistoryState> {
  const entries = state.entries ?? [];
  const moved = moveInList(state.selected, key, entries.length);
  if (moved !== null) return { state: { ...state, selected: moved } };
  const chosen = entries[state.selected];
  if (key !== "enter" && key !== "f2") return { state, handled: false };
  if (chosen === undefined || state.selected === 0) return { state };
  const { number, settings } = chosen;
  const review: OpenRequest = { name: "review", change: { settings }, restores: number };
  return { state, effects: [{ type: "open", screen: review }] };
}
