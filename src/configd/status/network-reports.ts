import { contains, overlaps, type Prefix, parsePrefix } from "../../base/addresses/prefix.ts";
import { type Fact, fact, withDetail } from "../../base/messages/facts.ts";
import type { CardReport } from "../../network/card-memory.ts";
import type { GuardCounts } from "../../network/routing/guard-counts.ts";
import type { NetworkReport } from "../../protocol/schemas/health.ts";
import type { Settings } from "../../settings/model/schema.ts";
import { namedProxy } from "../../settings/values/proxy-address.ts";
import type { InterfaceStatus } from "../api/status.ts";

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
  const reports = [
    ...cards.map((card) => ({ code: card.code, ...withDetail(cardFacts(card, interfaces)) })),
    ...missingInterfaces(settings, interfaces, cards),
  ];
  if (settings.network.mode !== "split") return reports;
  return [...reports, ...networkConflicts(settings, interfaces), ...stoppedPackets(guards)];
}

/** Roles without an interface, unless a card's report already says that their card is missing. */
function missingInterfaces(
  { network }: Settings,
  interfaces: readonly InterfaceStatus[],
  cards: readonly CardReport[],
): NetworkReport[] {
  const missing = cards.filter((card) => card.code === "interface-missing");
  const roles = network.mode === "split" ? (["lan", "wan"] as const) : (["lan"] as const);
  return roles.flatMap((role) => {
    const { macAddress } = network.mode === "split" ? network[role] : network.lan;
    const isReported = missing.some((card) => card.role === role || card.macAddress === macAddress);
    if (isReported || interfaces.some((entry) => entry.role === role)) return [];
    const card = listed(role.toUpperCase(), macAddress);
    return [{ code: "interface-missing", ...withDetail(fact("card-named", { card })) }];
  });
}

/** The same network on both interfaces, and management hosts in the scanned network. */
function networkConflicts(
  settings: Settings,
  interfaces: readonly InterfaceStatus[],
): NetworkReport[] {
  const reports: NetworkReport[] = [];
  const lan = networksOf("lan", interfaces);
  const wan = networksOf("wan", interfaces);
  if (lan.some((one) => wan.some((other) => overlaps(one, other))))
    reports.push({ code: "same-network", ...withDetail(addressFacts(interfaces)) });
  for (const host of managementHosts(settings)) {
    const prefix = parsePrefix(host);
    if (prefix !== null && lan.some((network) => contains(network, prefix)))
      reports.push({ code: "in-lan-network", ...withDetail(fact("host-named", { host })) });
  }
  return reports;
}

function stoppedPackets(guards: GuardCounts | null): NetworkReport[] {
  return Object.entries(guards ?? {}).flatMap(([role, { packets, kernelPackets }]) =>
    [
      { code: "packets-stopped", count: packets - kernelPackets },
      { code: "answers-stopped", count: kernelPackets },
    ]
      .filter(({ count }) => count > 0)
      .map(({ code, count }) => ({
        code,
        ...withDetail(fact("packets-on", { count, role: role.toUpperCase() })),
      })),
  );
}

function networksOf(role: "lan" | "wan", interfaces: readonly InterfaceStatus[]): Prefix[] {
  return interfaces
    .filter((entry) => entry.role === role)
    .flatMap(({ addresses }) => addresses.map(parsePrefix))
    .filter((each) => each !== null);
}

function cardFacts(
  { macAddress, role, before }: CardReport,
  interfaces: readonly InterfaceStatus[],
): Fact[] {
  const present = interfaces.find((entry) => entry.macAddress === macAddress);
  const card = listed(role?.toUpperCase() ?? null, macAddress, present?.name ?? null);
  const place = present?.pciAddress ?? null;
  return [
    place === null ? fact("card-named", { card }) : fact("card-named-at", { card, place }),
    ...(before === undefined ? [] : [fact("card-instead-of", { mac: before })]),
  ];
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
