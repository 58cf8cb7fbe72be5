import { isDeepStrictEqual } from "node:util";
import { assignRoles, type CandidateInterface, type Role } from "../../network/roles.ts";
import type { InterfaceSettings, Settings } from "../../settings/model/schema.ts";
import type { TypedInterface, TypedSettings } from "../../settings/typed-settings.ts";
import type { Proposal } from "./proposal.ts";
import { agentConfiguration } from "./rendering.ts";

/** What the doctor tests of a proposal, while the present settings stay active. */
export function typedSettings(
  proposal: Pick<Proposal, "settings">,
  present: Settings,
  proxyPassword: string | null,
  interfaces: readonly CandidateInterface[],
): TypedSettings {
  const { settings } = proposal;
  const changed = isDeepStrictEqual(settings.network, present.network)
    ? []
    : typedInterfaces(settings, present, interfaces);
  const elsewhere = { ...settings, network: present.network };
  return {
    // The way through the proxy can only be gone over the network that there is.
    configuration: agentConfiguration(
      { settings: elsewhere, devices: assignRoles(present, interfaces) },
      null,
    ),
    proxyPassword,
    interfaces: changed,
    testsPath: changed.length === 0 || !isDeepStrictEqual(pathOf(elsewhere), pathOf(present)),
  };
}

function pathOf({ proxy, platform, trust }: Settings) {
  return { proxy, platform, trust };
}

function typedInterfaces(
  settings: Settings,
  present: Settings,
  cards: readonly CandidateInterface[],
): TypedInterface[] {
  const devices = assignRoles(settings, cards).cards;
  const before = assignRoles(present, cards).cards;
  return (["lan", "wan"] as const).flatMap((role) => {
    const own = interfaceOf(settings, role);
    if (own === null) return [];
    const was = interfaceOf(present, role);
    const { ipv4, ipv6, dns } = own;
    const statics = [ipv4, ipv6].flatMap((each) => (each.method === "static" ? [each] : []));
    return [
      {
        role,
        device: devices[role],
        inVlan: own.vlan !== null,
        byDhcp: ipv4.method === "dhcp",
        addresses: statics.map(({ address }) => address),
        gateways: statics.flatMap(({ gateway }) => gateway ?? []),
        dns: dns.servers,
        sameWay:
          was !== null &&
          before[role] === devices[role] &&
          isDeepStrictEqual({ ...was, dns: null }, { ...own, dns: null }),
      },
    ];
  });
}

function interfaceOf({ network }: Settings, role: Role): InterfaceSettings | null {
  if (network.mode === "split") return network[role];
  return role === "lan" ? network.lan : null;
}
