import { isIP } from "node:net";
import type { CardReport } from "../network/card-memory.ts";
import type { GuardCounts } from "../network/routing/guard-counts.ts";
import { contains, overlaps, parsePrefix } from "../settings/prefix.ts";
import { namedProxy } from "../settings/proxy-place.ts";
import type { Settings } from "../settings/schema.ts";
import type { InterfaceStatus, NetworkReport } from "./status.ts";

/**
 * What an operator should hear of cards and networks as they are now. DHCP and a router can bring what the checks of the settings refuse:
 * the same network on both sides, or the platform on the side where only scans go.
 */
export function networkReports(
  settings: Settings,
  interfaces: readonly InterfaceStatus[],
  cards: readonly CardReport[],
  guards: GuardCounts | null,
): NetworkReport[] {
  const reports: NetworkReport[] = cards.map(({ code, macAddress, role }) => ({ code, detail: cardDetail(macAddress, role, interfaces) }));
  const roles = settings.network.mode === "split" ? (["lan", "wan"] as const) : (["lan"] as const);
  for (const role of roles) {
    const named = settings.network.mode === "split" ? settings.network[role].macAddress : settings.network.lan.macAddress;
    const told = cards.some((card) => card.code === "interface-missing" && (card.role === role || card.macAddress === named));
    if (!told && !interfaces.some((entry) => entry.role === role))
      reports.push({ code: "interface-missing", detail: `${role.toUpperCase()}${named === null ? "" : `, ${named}`}` });
  }
  if (settings.network.mode !== "split") return reports;
  const networks = (role: "lan" | "wan") =>
    interfaces
      .filter((entry) => entry.role === role)
      .flatMap(({ addresses }) => addresses.map((address) => parsePrefix(address)).filter((each) => each !== null));
  const [lan, wan] = [networks("lan"), networks("wan")];
  const both = lan.find((one) => wan.some((other) => overlaps(one, other)));
  if (both) reports.push({ code: "same-network", detail: bothDetail(interfaces) });
  for (const host of managementHosts(settings)) {
    const prefix = isIP(host) === 0 ? null : parsePrefix(`${host}/${isIP(host) === 4 ? 32 : 128}`);
    if (prefix !== null && lan.some((network) => contains(network, prefix))) reports.push({ code: "in-lan-network", detail: host });
  }
  for (const [role, { packets }] of Object.entries(guards ?? {}))
    if (packets > 0) reports.push({ code: "packets-stopped", detail: `${packets} on ${role.toUpperCase()}` });
  return reports;
}

function cardDetail(macAddress: string, role: "lan" | "wan" | null, interfaces: readonly InterfaceStatus[]): string {
  const present = interfaces.find((entry) => entry.macAddress === macAddress);
  const where = present ? `, ${present.name}${present.pciAddress === null ? "" : ` at ${present.pciAddress}`}` : "";
  return `${role === null ? "" : `${role.toUpperCase()}, `}${macAddress}${where}`;
}

function bothDetail(interfaces: readonly InterfaceStatus[]): string {
  return interfaces
    .filter(({ role }) => role !== null)
    .map(({ role, addresses }) => `${role?.toUpperCase()} ${addresses.join(", ")}`)
    .join("; ");
}

function managementHosts(settings: Settings): string[] {
  const platform = settings.platform.url === null || !URL.canParse(settings.platform.url) ? null : new URL(settings.platform.url).hostname;
  return [platform, namedProxy(settings.proxy)?.host ?? null].flatMap((host) => (host === null ? [] : [host.replace(/^\[|\]$/g, "")]));
}
