import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import { moveInList } from "../shared/choosing.ts";

export interface UpdatesState {
  readonly selected: number;
}

export function startUpdates(): UpdatesState {
  return { selected: 0 };
}

export const updatesModel: ScreenModel<UpdatesState> = {
  name: "updates",
  title: "updates.title",
  update(state: UpdatesState, event: ScreenEvent, { status, words }: Context): Step<UpdatesState> {
    switch (event.type) {
      case "key": {
        const moved = moveInList(
          state.selected,
          event.key.name,
          status?.agent?.content?.length ?? 0,
        );
        if (moved !== null) return { state: { selected: moved } };
        const asked =
          event.key.name === "f5" || (event.key.name === "character" && event.key.text === "c");
        return asked
          ? { state, effects: [{ type: "ask", verb: "checkUpdates", request: {} }] }
          : { state, handled: false };
      }
      case "reply":
        if (event.verb !== "checkUpdates") return { state };
        return {
          state,
          effects: [{ type: "message", text: words.say("updates.checking"), style: "good" }],
        };
      case "failed":
        return {
          state,
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  help: () => ["help.updates"],
};
