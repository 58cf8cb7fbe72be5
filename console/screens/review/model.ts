import type { ProposedChange, Review } from "../../../src/configd/api/shapes.ts";
import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import { scrollBy } from "../shared/scrolling.ts";

export interface ReviewState {
  readonly change: ProposedChange;
  /** The number of the kept settings that the change is made of; null for what was typed. */
  readonly restores: number | null;
  readonly review: Review | null;
  readonly phase: "asking" | "shown" | "applying" | "failed";
  readonly failure: string | null;
  readonly showsNetplan: boolean;
  /** Index of the first visible line of the YAML. */
  readonly top: number;
  /** The selected button: 0 applies, 1 goes back. */
  readonly selected: number;
}

export function startReview(change: ProposedChange, restores: number | null = null): ReviewState {
  return {
    change,
    restores,
    review: null,
    phase: "asking",
    failure: null,
    showsNetplan: false,
    top: 0,
    selected: 0,
  };
}

export function canApply({ review, phase }: ReviewState): boolean {
  return (
    review !== null &&
    review.problems.length === 0 &&
    review.changes.length > 0 &&
    (phase === "shown" || phase === "failed")
  );
}

export const reviewModel: ScreenModel<ReviewState> = {
  name: "review",
  title: "review.title",
  update(state: ReviewState, event: ScreenEvent, context: Context): Step<ReviewState> {
    switch (event.type) {
      case "key":
        return press(state, event.key.name, context);
      case "reply": {
        if (event.verb !== "review") return { state };
        const reviewed: ReviewState = {
          ...state,
          review: event.reply,
          phase: "shown",
          failure: null,
        };
        return { state: { ...reviewed, selected: canApply(reviewed) ? 0 : 1 } };
      }
      case "failed":
        return {
          state: { ...state, phase: "failed", failure: failureText(event.failure, context.words) },
        };
      default:
        return { state };
    }
  },
  help: () => ["help.review"],
};

function press(state: ReviewState, key: string, { rows }: Context): Step<ReviewState> {
  const lines = state.review?.netplan.trimEnd().split("\n").length ?? 0;
  switch (key) {
    case "escape":
      // Esc goes back by one level: the YAML was opened over the changes.
      return state.showsNetplan
        ? { state: { ...state, showsNetplan: false, top: 0 } }
        : { state, handled: false };
    case "f4":
      return { state: { ...state, showsNetplan: !state.showsNetplan, top: 0 } };
    case "left":
    case "shift-tab":
      return { state: { ...state, selected: canApply(state) ? 0 : 1 } };
    case "right":
      return { state: { ...state, selected: 1 } };
    case "tab":
      return { state: { ...state, selected: state.selected === 1 && canApply(state) ? 0 : 1 } };
    case "up":
    case "down":
    case "page-up":
    case "page-down":
      return state.showsNetplan
        ? { state: { ...state, top: scrollBy(state.top, key, lines, netplanRows(rows)) } }
        : { state };
    case "f2":
      return apply(state);
    case "enter":
      return state.selected === 0 ? apply(state) : { state, effects: [{ type: "back" }] };
    default:
      return { state, handled: false };
  }
}

function apply(state: ReviewState): Step<ReviewState> {
  if (state.review === null && state.phase === "failed")
    return {
      state: { ...state, phase: "asking", failure: null },
      effects: [{ type: "ask", verb: "review", request: state.change }],
    };
  if (!canApply(state)) return { state };
  return {
    state: { ...state, phase: "applying", failure: null },
    effects: [
      state.restores === null
        ? { type: "ask", verb: "try", request: state.change }
        : { type: "ask", verb: "restore", request: { number: state.restores } },
    ],
  };
}

/** Rows of the YAML that fit beside the rest of the screen. */
export function netplanRows(rows: number): number {
  return Math.max(5, rows - 10);
}
