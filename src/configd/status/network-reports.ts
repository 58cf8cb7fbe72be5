import { contains, overlaps, parsePrefix } from "../../base/addresses/prefix.ts";
import { asTold, type Fact, fact } from "../../base/messages/facts.ts";
import type { CardReport } from "../../network/card-memory.ts";
import type { GuardCounts } from "../../network/routing/guard-counts.ts";
import type { Settings } from "../../settings/model/schema.ts";
import { namedProxy } from "../../settings/values/proxy-address.ts";
import type { InterfaceStatus, NetworkReport } from "../api/status.ts";

/**
 * Problems with cards and networks, for the operator. DHCP and a router can cause problems that the
 * checks of the settings would refuse: the same network on both interfaces, or the platform on the
 * interface that only scans.
 */
export function networkReports(
  settings: Settings,
  interfaces: readonly InterfaceStatus[],
  cards: readonly CardReport[],
  guards: GuardCounts | null,
): NetworkReport[] {
  const reports: NetworkReport[] = cards.map(({ code, macAddress, role }) => ({
    code,
    ...asTold(cardFact(macAddress, role, interfaces)),
  }));
  const roles = settings.network.mode === "split" ? (["lan", "wan"] as const) : (["lan"] as const);
  for (const role of roles) {
    const named =
      settings.network.mode === "split"
        ? settings.network[role].macAddress
        : settings.network.lan.macAddress;
    const told = cards.some(
      (card) =>
        card.code === "interface-missing" && (card.role === role || card.macAddress === named),
    );
    if (!told && !interfaces.some((entry) => entry.role === role))
      reports.push({
        code: "interface-missing",
        ...asTold(fact("card-named", { card: listed(role.toUpperCase(), named) })),
      });
  }
  if (settings.network.mode !== "split") return reports;
  const networks = (role: "lan" | "wan") =>
    interfaces
      .filter((entry) => entry.role === role)
      .flatMap(({ addresses }) =>
        addresses.map((address) => parsePrefix(address)).filter((each) => each !== null),
      );
  const [lan, wan] = [networks("lan"), networks("wan")];
  const both = lan.find((one) => wan.some((other) => overlaps(one, other)));
  if (both) reports.push({ code: "same-network", ...asTold(addressFacts(interfaces)) });
  for (const host of managementHosts(settings)) {
    const prefix = parsePrefix(host);
    if (prefix !== null && lan.some((network) => contains(network, prefix)))
      reports.push({ code: "in-lan-network", ...asTold(fact("host-named", { host })) });
  }
  for (const [role, { packets }] of Object.entries(guards ?? {}))
    if (packets > 0)
      reports.push({
        code: "packets-stopped",
        ...asTold(fact("packets-on", { count: packets, role: role.toUpperCase() })),
      });
  return reports;
}

function cardFact(
  macAddress: string,
  role: "lan" | "wan" | null,
  interfaces: readonly InterfaceStatus[],
): Fact {
  const present = interfaces.find((entry) => entry.macAddress === macAddress);
  const card = listed(role?.toUpperCase() ?? null, macAddress, present?.name ?? null);
  const place = present?.pciAddress ?? null;
  return place === null ? fact("card-named", { card }) : fact("card-named-at", { card, place });
}

function listed(...names: readonly (string | null)[]): string {
  return names.filter((name) => name !== null).join(", ");
}

function addressFacts(interfaces: readonly InterfaceStatus[]): Fact[] {
  return interfaces.flatMap(({ role, addresses }) =>
    role === null
      ? []
      : [fact("role-addresses", { role: role.toUpperCase(), addresses: addresses.join(", ") })],
  );
}

function managementHosts(settings: Settings): string[] {
  const platform =
    settings.platform.url === null || !URL.canParse(settings.platform.url)
      ? null
      : new URL(settings.platform.url).hostname;
  return [platform, namedProxy(settings.proxy)?.host ?? null].flatMap((host) =>
    host === null ? [] : [host.replace(/^\[|\]$/g, "")],
  );
}
