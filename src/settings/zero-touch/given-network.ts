import { parseIpv6 } from "../../base/addresses/ipv6.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { withOnLink } from "../values/own-network.ts";
import { type GivenValue, shownName } from "./named-values.ts";
import { isRecord } from "./yaml-value.ts";

/** One interface as a hypervisor or cloud describes it, in texts as written there. */
export interface GivenInterface {
  name: string;
  /** `physical`, `vlan`, or a kind that is not set up here, as `bond`. */
  kind: string;
  mac: string;
  vlan: { id: string; link: string } | null;
  mtu: string;
  dhcp4: boolean;
  /** By router advertisements or DHCPv6. */
  automatic6: boolean;
  /** With prefix or mask. */
  addresses: string[];
  routes: GivenRoute[];
  dns: string[];
  search: string[];
  /** Keys of it that are not read. */
  unread: string[];
  at: string;
}

export interface GivenRoute {
  /** A network with prefix or mask, or `default`. */
  to: string;
  /** "" for a network on the link itself. */
  via: string;
  metric: string;
  onLink: boolean;
}

/** The values of one interface by our names, and what of the others is not used. */
export interface NetworkValues {
  values: GivenValue[];
  notes: Fact[];
}

const mostInterfaces = 32;
const mostNotesOfInterface = 5;

export const emptyInterface = (name: string, kind: string, at: string): GivenInterface => ({
  name,
  kind,
  mac: "",
  vlan: null,
  mtu: "",
  dhcp4: false,
  automatic6: false,
  addresses: [],
  routes: [],
  dns: [],
  search: [],
  unread: [],
  at,
});

/**
 * Sets up the LAN from the interface that leads out, else from the first that has an address. Names
 * such as eth0 are not compared with this machine's: only a MAC address is a match.
 */
export function networkValues(interfaces: readonly GivenInterface[]): NetworkValues {
  const described = interfaces.slice(0, mostInterfaces);
  const usable = described.filter(
    ({ kind, addresses, dhcp4, automatic6 }) =>
      (kind === "physical" || kind === "vlan") && (addresses.length > 0 || dhcp4 || automatic6),
  );
  const used = usable.find(({ routes }) => routes.some(isDefault)) ?? usable[0];
  const notes: Fact[] = [];
  for (const other of described) {
    const name = shownPart(other.name);
    if (other.kind !== "physical" && other.kind !== "vlan")
      notes.push(fact("note-network-kind", { name, kind: shownPart(other.kind) }));
    else if (other !== used && usable.includes(other))
      notes.push(fact("note-network-other", { name }));
  }
  if (used === undefined) return { values: [], notes };
  const own = valuesOf(used, described);
  return { values: own.values, notes: [...own.notes, ...notes] };
}

function valuesOf(used: GivenInterface, all: readonly GivenInterface[]): NetworkValues {
  const { at, vlan, mtu, dns, search } = used;
  const name = shownPart(used.name);
  const card = vlan === null ? used : all.find((each) => each.name === vlan.link);
  const defaults = used.routes.filter(isDefault);
  const [first4, ...more4] = used.addresses.filter((address) => !address.includes(":"));
  const [first6, ...more6] = used.addresses.filter((address) => address.includes(":"));
  const [gateway4, ...moreGateways4] = defaults.filter(({ via }) => !via.includes(":"));
  const [gateway6, ...moreGateways6] = defaults.filter(({ via }) => via.includes(":"));
  const servers = unique(dns);
  const off = servers.filter((server) =>
    server.includes(":")
      ? first6 === undefined && !used.automatic6
      : first4 === undefined && !used.dhcp4,
  );
  const others = used.routes.filter((route) => !isDefault(route));
  const routes = others.filter(({ via }) => via !== "");
  const given: [name: string, value: string][] = [
    ["lan_mac", card?.mac ?? ""],
    ["lan_vlan", vlan?.id ?? ""],
    ["lan_mtu", mtu],
    ["lan_address", first4 ?? (used.dhcp4 ? "dhcp" : "off")],
    ["lan_gateway", first4 === undefined ? "" : gatewayText(gateway4)],
    ["lan_ipv6", first6 ?? (used.automatic6 ? "automatic" : "")],
    ["lan_ipv6_gateway", first6 === undefined ? "" : gatewayText(gateway6)],
    ["lan_dns", servers.filter((server) => !off.includes(server)).join(" ")],
    ["lan_search", unique(search).join(" ")],
    ["lan_routes", routes.map(routeText).join(", ")],
  ];
  const spare = [
    ...more4,
    ...more6,
    ...off,
    ...[...moreGateways4, ...moreGateways6].map(({ via }) => via),
  ];
  const notes = [
    ...spare.map((value) => fact("note-network-spare", { name, value: shownPart(value) })),
    ...others
      .filter(({ via }) => via === "")
      .map(({ to }) => fact("note-network-spare", { name, value: shownPart(to) })),
    ...used.unread.map((part) => fact("note-network-part", { name, part: shownName(part) })),
  ];
  return {
    values: given.flatMap(([name, value]) => (value === "" ? [] : [{ name, value, at }])),
    notes: notes.slice(0, mostNotesOfInterface),
  };
}

const unique = (texts: readonly string[]) => [...new Set(texts)];

/** Names and addresses from outside, in the characters that they can have. */
const shownPart = (text: string) => text.replace(/[^\w.:/-]/g, "?").slice(0, 60);

function isDefault({ to, via }: GivenRoute): boolean {
  return via !== "" && /^(?:default|0\.0\.0\.0\/(?:0|0\.0\.0\.0)|::\/(?:0|::))$/i.test(to);
}

function gatewayText(route: GivenRoute | undefined): string {
  return route === undefined ? "" : withOnLink(route.via, route.onLink || undefined);
}

function routeText({ to, via, onLink, metric }: GivenRoute): string {
  return `${to} via ${withOnLink(via, onLink || undefined)}${metric === "" ? "" : ` metric ${metric}`}`;
}

/** An address or a network with its prefix, from two texts of which the second can be missing. */
export function withMask(address: string, mask: string): string {
  if (mask === "" || address.includes("/")) return address;
  return `${address}/${lengthOfIpv6Mask(mask) ?? mask}`;
}

/** OpenStack writes the prefix of IPv6 as a mask, ffff:ffff:ffff:ffff::. */
function lengthOfIpv6Mask(mask: string): number | null {
  const bits = mask.includes(":") ? parseIpv6(mask)?.toString(2).padStart(128, "0") : undefined;
  return bits !== undefined && /^1*0*$/.test(bits) ? bits.replaceAll("0", "").length : null;
}

/** A scalar as it is written; "" for anything else. */
export function scalar(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}

/**
 * The entries of a list of mappings; one alone may stand without its list. What has another shape is
 * told to `unread`: it may carry a value.
 */
export function records(
  value: unknown,
  unread: () => void,
): [index: number, record: Record<string, unknown>][] {
  if (isRecord(value)) return [[0, value]];
  if (!Array.isArray(value)) {
    if (value !== undefined && value !== "") unread();
    return [];
  }
  return value.flatMap((entry: unknown, index): [number, Record<string, unknown>][] => {
    if (isRecord(entry)) return [[index, entry]];
    if (entry !== "") unread();
    return [];
  });
}

/** A list, or one text with several words. */
export function words(value: unknown): string[] {
  if (typeof value === "string") return value.split(/[\s,]+/).filter(Boolean);
  return Array.isArray(value) ? value.map(scalar).filter(Boolean) : [];
}
