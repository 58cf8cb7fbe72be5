import type { VerbReply } from "../../../src/configd/api/api.ts";
import {
  type AskedVerb,
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import { moveInList } from "../shared/choosing.ts";

export type VolumeFacts = VerbReply<"volumes">["volumes"][number];

export interface SupportState {
  readonly volumes: readonly VolumeFacts[] | null;
  readonly selected: number;
  readonly writing: boolean;
  readonly written: { file: string; volume: string; bytes: number } | null;
}

export function startSupport(): SupportState {
  return { volumes: null, selected: 0, writing: false, written: null };
}

/** The writable volumes: only they are offered. */
export function writableVolumes({ volumes }: SupportState): readonly VolumeFacts[] {
  return (volumes ?? []).filter(({ writable }) => writable);
}

export const supportModel: ScreenModel<SupportState> = {
  name: "support",
  title: "support.title",
  update(state: SupportState, event: ScreenEvent, { words }: Context): Step<SupportState> {
    const volumes = writableVolumes(state);
    switch (event.type) {
      case "key": {
        const moved = moveInList(state.selected, event.key.name, volumes.length);
        if (moved !== null) return { state: { ...state, selected: moved } };
        if (event.key.name === "f5")
          return {
            state: { ...state, volumes: null },
            effects: [{ type: "ask", verb: "volumes", request: {} }],
          };
        if (event.key.name === "f4")
          return { state, effects: [{ type: "ask", verb: "sendSupportBundle", request: {} }] };
        const chosen = volumes[state.selected];
        if (event.key.name !== "enter" && event.key.name !== "f2") return { state, handled: false };
        if (chosen === undefined || state.writing) return { state };
        return {
          state: { ...state, writing: true, written: null },
          effects: [{ type: "ask", verb: "supportBundle", request: { volume: chosen.id } }],
        };
      }
      case "reply":
        if (event.verb === "volumes")
          return { state: { ...state, volumes: event.reply.volumes, selected: 0 } };
        if (event.verb === "supportBundle")
          return {
            state: {
              ...state,
              writing: false,
              written: { ...event.reply, volume: volumes[state.selected]?.label ?? "" },
            },
          };
        if (event.verb !== "sendSupportBundle") return { state };
        return {
          state,
          effects: [{ type: "message", text: words.say("support.asked"), style: "good" }],
        };
      case "failed":
        return {
          state: afterFailure(state, event.verb),
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  help: () => ["help.support"],
};

function afterFailure(state: SupportState, verb: AskedVerb): SupportState {
  if (verb === "volumes") return { ...state, volumes: [] };
  return verb === "supportBundle" ? { ...state, writing: false } : state;
}
