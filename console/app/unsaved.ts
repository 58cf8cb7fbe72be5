import type { Key } from "../page/key.ts";
import type { AppState, AppStep, Overlay } from "./state.ts";

/** Handles a key for the question about unsaved input. The safe answer is selected first. */
export function answerUnsaved(
  state: AppState,
  overlay: Overlay & { kind: "unsaved" },
  key: Key,
): AppStep {
  const stay: AppStep = { state: { ...state, overlay: null }, effects: [] };
  switch (key.name) {
    case "left":
    case "up":
      return { state: { ...state, overlay: { ...overlay, selected: 0 } }, effects: [] };
    case "right":
    case "down":
      return { state: { ...state, overlay: { ...overlay, selected: 1 } }, effects: [] };
    case "tab":
    case "shift-tab":
      return {
        state: { ...state, overlay: { ...overlay, selected: 1 - overlay.selected } },
        effects: [],
      };
    case "escape":
      return stay;
    case "enter": {
      if (overlay.selected === 0) return stay;
      if (overlay.then === "leave")
        return { state: { ...state, overlay: null }, effects: [{ type: "leave" }] };
      const pile = overlay.then === "home" ? state.pile.slice(0, 1) : state.pile.slice(0, -1);
      return { state: { ...state, overlay: null, pile }, effects: [] };
    }
    default:
      return { state, effects: [] };
  }
}
