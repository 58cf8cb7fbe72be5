import type { InterfaceStatus, Status } from "../../../src/configd/api/status.ts";
import type { Context } from "../../contract/contract.ts";
import { settlingSince } from "../shared/call-home-note.ts";

/** The one thing that the operator should do now. */
export function nextStep(context: Context): string {
  const { status, words, connected } = context;
  if (status === null) return words.say("next.wait");
  if (!connected) return words.say("next.noConfigd");
  if (status.trial !== null) return words.say("next.trial");
  if (status.interfaces.length === 0) return words.say("next.noCard");
  const missing = rolesOf(status).find(
    (role) => !status.interfaces.some((nic) => nic.role === role),
  );
  if (missing !== undefined) return missingCardStep(missing, status, words);
  const used = usedInterface(status);
  if (used === null) return words.error("interface-missing").remedy;
  const cut = rolesOf(status).flatMap((role) =>
    status.interfaces.filter((nic) => nic.role === role && !nic.linkUp),
  )[0];
  if (cut !== undefined) {
    const other = freeCards(status).find(({ linkUp }) => linkUp);
    return other === undefined
      ? words.say("next.link", { nic: cut.name })
      : words.say("next.linkOther", { nic: cut.name, other: other.name });
  }
  if (used.addresses.length === 0)
    return used.dhcp || status.settings.network.lan.ipv4.method === "dhcp"
      ? words.say("next.address")
      : words.error("no-address").remedy;
  const { agent } = status;
  if (status.zeroTouch.problems.length > 0 && agent?.state !== "connected")
    return words.say("next.zeroTouch");
  if (settlingSince(context) !== null) return words.say("next.settling");
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
      return words.say(
        agent.jobs.some(({ waitsFor }) => waitsFor) ? "next.scanWaits" : "next.nothing",
      );
    default:
      return agent?.failure
        ? words.say("next.failure", { remedy: words.error(agent.failure.code).remedy })
        : words.say("next.firstCall");
  }
}

function rolesOf({ settings }: Status): ("lan" | "wan")[] {
  return settings.network.mode === "split" ? ["lan", "wan"] : ["lan"];
}

/** The cards without a role, of their own or of a VLAN on them. */
function freeCards({ interfaces }: Status): InterfaceStatus[] {
  const carriesVlan = ({ macAddress }: InterfaceStatus) =>
    interfaces.some((nic) => nic.role !== null && nic.macAddress === macAddress);
  return interfaces.filter((nic) => nic.role === null && !carriesVlan(nic));
}

/** Names the cards that can have the role whose card is gone. */
function missingCardStep(role: "lan" | "wan", status: Status, words: Context["words"]): string {
  const free = freeCards(status);
  if (free.length === 0) return words.error("interface-missing").remedy;
  return words.say("next.chooseCard", {
    role: words.say(role === "lan" ? "home.roleLan" : "home.roleWan"),
    cards: free.map(({ name, macAddress }) => `${name} ${macAddress}`).join(", "),
  });
}

/** The interface with the LAN role; null when its card is missing. */
export function usedInterface(status: Status): InterfaceStatus | null {
  return status.interfaces.find(({ role }) => role === "lan") ?? null;
}
