import type { VerbReply } from "../../../src/configd/api/api.ts";
import type { EgressFile } from "../../../src/configd/api/egress.ts";
import {
  type AskedVerb,
  type Context,
  failureText,
  type Reply,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";
import { moveInList } from "../shared/choosing.ts";

export type Volume = VerbReply<"volumes">["volumes"][number];

export interface FirewallState {
  /** The egress ledger; null until configd has answered. */
  readonly ledger: EgressFile | null;
  /** The writable volumes to choose from, where there are several. */
  readonly choosing: { volumes: readonly Volume[]; selected: number } | null;
  /** The text is being written: a second key must not write it twice. */
  readonly writing: boolean;
}

export function startFirewall(): FirewallState {
  return { ledger: null, choosing: null, writing: false };
}

export const firewallModel: ScreenModel<FirewallState> = {
  name: "firewall",
  title: "firewall.title",
  update(state: FirewallState, event: ScreenEvent, context: Context): Step<FirewallState> {
    const { words } = context;
    switch (event.type) {
      case "key":
        return state.choosing === null
          ? press(state, event.key.name)
          : choose(state, state.choosing, event.key.name);
      case "reply":
        return take(state, event, context);
      case "failed":
        return {
          state: afterFailure(state, event.verb),
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  help: () => ["help.firewall"],
};

function press(state: FirewallState, key: string): Step<FirewallState> {
  switch (key) {
    case "f2":
      return state.writing
        ? { state }
        : {
            state: { ...state, writing: true },
            effects: [{ type: "ask", verb: "volumes", request: {} }],
          };
    case "f4":
      return { state, effects: [{ type: "ask", verb: "sendSupportBundle", request: {} }] };
    case "f5":
      return { state, effects: [{ type: "ask", verb: "egress", request: {} }] };
    default:
      return { state, handled: false };
  }
}

function choose(
  state: FirewallState,
  choosing: NonNullable<FirewallState["choosing"]>,
  key: string,
): Step<FirewallState> {
  const { volumes, selected } = choosing;
  const moved = moveInList(selected, key, volumes.length);
  if (moved !== null) return { state: { ...state, choosing: { volumes, selected: moved } } };
  if (key === "escape") return { state: { ...state, choosing: null, writing: false } };
  const volume = volumes[selected];
  if ((key !== "enter" && key !== "f2") || volume === undefined) return { state, handled: false };
  return write({ ...state, choosing: null }, volume);
}

function write(state: FirewallState, { id }: Volume): Step<FirewallState> {
  return {
    state: { ...state, writing: true },
    effects: [{ type: "ask", verb: "saveFirewallText", request: { volume: id } }],
  };
}

function take(state: FirewallState, event: Reply, { words }: Context): Step<FirewallState> {
  switch (event.verb) {
    case "egress":
      return { state: { ...state, ledger: event.reply } };
    case "volumes": {
      const volumes = event.reply.volumes.filter(({ writable }) => writable);
      const [only] = volumes;
      if (only === undefined)
        return {
          state: { ...state, writing: false },
          effects: [{ type: "message", text: words.say("firewall.noVolume"), style: "warning" }],
        };
      return volumes.length === 1
        ? write(state, only)
        : { state: { ...state, choosing: { volumes, selected: 0 } } };
    }
    case "saveFirewallText": {
      const text = words.say("firewall.written", { file: event.reply.file });
      return {
        state: { ...state, writing: false },
        effects: [{ type: "message", text, style: "good" }],
      };
    }
    case "sendSupportBundle":
      return {
        state,
        effects: [{ type: "message", text: words.say("firewall.sent"), style: "good" }],
      };
    default:
      return { state };
  }
}

function afterFailure(state: FirewallState, verb: AskedVerb): FirewallState {
  const isOfStick = verb === "volumes" || verb === "saveFirewallText";
  return isOfStick ? { ...state, writing: false, choosing: null } : state;
}
