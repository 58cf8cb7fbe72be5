import type { InterfaceStatus, Status } from "../../../src/configd/api/status.ts";
import type { Context } from "../../contract/contract.ts";

/** The one thing that the operator should do now. */
export function nextStep({ status, words, connected }: Context): string {
  if (status === null) return words.say("next.wait");
  if (!connected) return words.say("next.noConfigd");
  if (status.trial !== null) return words.say("next.trial");
  if (status.interfaces.length === 0) return words.say("next.noCard");
  const used = usedInterface(status);
  if (used === null) return words.error("interface-missing").remedy;
  if (!used.linkUp) return words.say("next.link", { nic: used.name });
  if (used.addresses.length === 0)
    return used.dhcp || status.settings.network.lan.ipv4.method === "dhcp"
      ? words.say("next.address")
      : words.error("no-address").remedy;
  const { agent } = status;
  if (status.zeroTouch.problems.length > 0 && agent?.state !== "connected")
    return words.say("next.zeroTouch");
  switch (agent?.state) {
    case undefined:
      return words.say("next.agentStarting");
    case "starting":
      return words.say("next.firstCall");
    case "not-enrolled":
      return words.say("next.enrol");
    case "enrolling":
      return words.say("next.enrolling");
    case "connected":
      return words.say("next.nothing");
    default:
      return agent?.failure
        ? words.say("next.failure", { remedy: words.error(agent.failure.code).remedy })
        : words.say("next.firstCall");
  }
}

/** The interface with the LAN role; null when its card is missing. */
export function usedInterface(status: Status): InterfaceStatus | null {
  return status.interfaces.find(({ role }) => role === "lan") ?? null;
}
