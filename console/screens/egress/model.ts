import type { EgressFile } from "../../../src/configd/api/egress.ts";
import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import { moveInList } from "../shared/choosing.ts";

export interface EgressState {
  /** Null until configd has answered. */
  readonly ledger: EgressFile | null;
  readonly selected: number;
  readonly failed: boolean;
}

export function startEgress(): EgressState {
  return { ledger: null, selected: 0, failed: false };
}

export const egressModel: ScreenModel<EgressState> = {
  name: "egress",
  title: "egress.title",
  update(state: EgressState, event: ScreenEvent, { words }: Context): Step<EgressState> {
    switch (event.type) {
      case "key": {
        const moved = moveInList(state.selected, event.key.name, state.ledger?.entries.length ?? 0);
        if (moved !== null) return { state: { ...state, selected: moved } };
        return event.key.name === "f5"
          ? {
              state: { ...state, failed: false },
              effects: [{ type: "ask", verb: "egress", request: {} }],
            }
          : { state, handled: false };
      }
      case "reply":
        return event.verb === "egress"
          ? { state: { ...state, ledger: event.reply, failed: false } }
          : { state };
      case "failed":
        return {
          state: { ...state, failed: true },
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  help: () => ["help.egress"],
};
