import type { EgressFile } from "../../../src/configd/api/egress.ts";
import {
  type Context,
  failureText,
  type ScreenEvent,
  type ScreenModel,
  type Step,
} from "../../contract/contract.ts";

export interface FirewallState {
  /** The egress ledger; null until configd has answered. */
  readonly ledger: EgressFile | null;
}

export function startFirewall(): FirewallState {
  return { ledger: null };
}

export const firewallModel: ScreenModel<FirewallState> = {
  name: "firewall",
  title: "firewall.title",
  update(state: FirewallState, event: ScreenEvent, { words }: Context): Step<FirewallState> {
    switch (event.type) {
      case "key":
        return event.key.name === "f5"
          ? { state, effects: [{ type: "ask", verb: "egress", request: {} }] }
          : { state, handled: false };
      case "reply":
        return event.verb === "egress" ? { state: { ledger: event.reply } } : { state };
      case "failed":
        return {
          state,
          effects: [{ type: "message", text: failureText(event.failure, words), style: "bad" }],
        };
      default:
        return { state };
    }
  },
  help: () => ["help.firewall"],
};
