import { contains, type Prefix, parsePrefix } from "../../base/addresses/prefix.ts";
import { fact } from "../../base/messages/facts.ts";
import type { InterfaceSettings, Ipv4, Ipv6, StaticRoute } from "../model/schema.ts";
import {
  type OwnAddress,
  parseAddress,
  parseNetwork,
  parseOwnAddress,
  reservedIn,
  unusable,
} from "../values/addresses.ts";
import { type FieldValue, type Findings, quoted, right, wrong } from "../values/field-value.ts";
import { parseDomain } from "../values/names.ts";
import { checkRouter, exampleRouter, hostPrefix } from "../values/own-network.ts";

/** Facts outside of an interface that decide about its settings. */
export interface InterfaceContext {
  /** The platform is reached over this interface: the LAN in single mode, the WAN in split mode. */
  leadsOut: boolean;
  /** Names are looked up over this interface. */
  needsDns: boolean;
  /** MAC addresses of the cards that the machine has; when absent, no card is reported missing. */
  macAddresses?: readonly string[] | undefined;
}

const smallestMtu = 576;
/** RFC 8200, section 5. */
const smallestIpv6Mtu = 1280;
const largestMtu = 9216;
const mostNames = 6;
const mostRoutes = 32;
/** netplan reads the largest number of 32 bits as no metric. */
const largestMetric = 4_294_967_294;

type Static<Family> = Extract<Family, { method: "static" }>;

export function checkInterface(
  path: string,
  settings: InterfaceSettings,
  context: InterfaceContext,
  findings: Findings,
): InterfaceSettings {
  const macAddress =
    settings.macAddress === null
      ? null
      : findings.take(
          `${path}.macAddress`,
          parseMacAddress(settings.macAddress),
          settings.macAddress,
        );
  if (
    macAddress !== null &&
    parseMacAddress(macAddress).ok &&
    context.macAddresses !== undefined &&
    !context.macAddresses.includes(macAddress)
  )
    findings.add(`${path}.macAddress`, "interface-missing", { value: macAddress });
  const { vlan, mtu } = settings;
  if (vlan !== null && !isWithin(vlan, 1, 4094))
    findings.add(`${path}.vlan`, "vlan-malformed", { value: String(vlan) });
  checkMtu(`${path}.mtu`, mtu, settings.ipv6.method !== "off", findings);

  const allOff = settings.ipv4.method === "off" && settings.ipv6.method === "off";
  if (allOff) findings.add(`${path}.ipv4.method`, "no-address-family");
  const ipv4 =
    settings.ipv4.method === "static"
      ? checkStatic(`${path}.ipv4`, 4, settings.ipv4, context.leadsOut, findings)
      : settings.ipv4;
  const needsGateway6 = context.leadsOut && settings.ipv4.method === "off";
  const ipv6 =
    settings.ipv6.method === "static"
      ? checkStatic(`${path}.ipv6`, 6, settings.ipv6, needsGateway6, findings)
      : settings.ipv6;

  const own = ownPrefixes({ ipv4, ipv6 });
  const servers = findings.takeList(
    `${path}.dns.servers`,
    settings.dns.servers,
    mostNames,
    (text) => parseDnsServer(text, settings, own),
  );
  const byLease = settings.ipv4.method === "dhcp" || settings.ipv6.method === "automatic";
  if (servers.length === 0 && context.needsDns && !byLease && !allOff)
    findings.add(`${path}.dns.servers`, "dns-required");
  const search = findings.takeList(
    `${path}.dns.search`,
    settings.dns.search,
    mostNames,
    parseDomain,
  );
  const routes = checkRoutes(`${path}.routes`, settings, own, findings);
  return { ...settings, macAddress, ipv4, ipv6, dns: { servers, search }, routes };
}

/** Static addresses with their networks; those that are wrong are left out. */
export function ownPrefixes({
  ipv4,
  ipv6,
}: Pick<InterfaceSettings, "ipv4" | "ipv6">): OwnAddress[] {
  const found: OwnAddress[] = [];
  for (const [family, own] of [[4, ipv4] as const, [6, ipv6] as const]) {
    const parsed = own.method === "static" ? parseOwnAddress(own.address, family) : null;
    if (parsed?.ok) found.push(parsed.value);
  }
  return found;
}

/** Reads six pairs of digits, in any of the three usual ways of writing. */
export function parseMacAddress(text: string): FieldValue<string> {
  const typed = text.trim();
  const shape =
    /^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i.test(typed) ||
    /^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}$/i.test(typed);
  const pairs = typed.replace(/[^0-9a-f]/gi, "").match(/../g) ?? [];
  // IEEE 802: the lowest bit of the first byte marks a group, which is no interface's own address.
  const usable =
    (Number.parseInt(pairs[0] ?? "1", 16) & 1) === 0 && pairs.some((pair) => pair !== "00");
  return shape && usable
    ? right(pairs.join(":").toLowerCase())
    : wrong("mac-malformed", { value: quoted(typed) });
}

const isWithin = (value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most;

function checkMtu(path: string, mtu: number | null, ipv6: boolean, findings: Findings): void {
  if (mtu === null) return;
  if (!isWithin(mtu, smallestMtu, largestMtu))
    findings.add(path, "mtu-malformed", {
      value: String(mtu),
      least: String(ipv6 ? smallestIpv6Mtu : smallestMtu),
      most: String(largestMtu),
    });
  else if (ipv6 && mtu < smallestIpv6Mtu)
    findings.add(path, "mtu-below-ipv6", { value: String(mtu) });
}

function checkStatic<Family extends Static<Ipv4> | Static<Ipv6>>(
  path: string,
  family: 4 | 6,
  settings: Family,
  needsGateway: boolean,
  findings: Findings,
): Family {
  const own = findings.take(`${path}.address`, parseOwnAddress(settings.address, family), null);
  const { onLink, ...others } = settings;
  const address = own?.text ?? settings.address;
  if (settings.gateway === null || settings.gateway.trim() === "") {
    if (needsGateway)
      findings.add(`${path}.gateway`, "gateway-required", {
        suggestion: exampleRouter(own, family),
      });
    return { ...others, address, gateway: null } as Family; // as it came, without a router
  }
  const gateway = findings.take(
    `${path}.gateway`,
    parseGateway(settings.gateway, family, own, onLink === true),
    settings.gateway,
  );
  return { ...settings, address, gateway };
}

function parseGateway(
  typed: string,
  family: 4 | 6,
  own: OwnAddress | null,
  onLink: boolean,
): FieldValue<string> {
  const parsed = parseAddress(typed, family);
  if (!parsed.ok) return parsed;
  const reason = unusable(family, parsed.value.address);
  return reason === null
    ? checkRouter(parsed.value, own, onLink)
    : wrong("gateway-not-usable", { value: parsed.value.text }, reason);
}

function parseDnsServer(
  typed: string,
  { ipv4, ipv6 }: InterfaceSettings,
  own: readonly OwnAddress[],
): FieldValue<string> {
  const parsed = parseAddress(typed, "either");
  if (!parsed.ok) {
    // Letters that no address has: the others are rather an address with a typing error.
    const isName = /[g-z]/i.test(typed) && parseDomain(typed).ok;
    return isName ? wrong("dns-named", { value: quoted(typed.trim()) }) : parsed;
  }
  const { family, address, text } = parsed.value;
  const isOwn = own.some((each) => each.family === family && each.address === address);
  const isOff = (family === 4 ? ipv4 : ipv6).method === "off";
  const otherReason = isOff
    ? fact("is-family-off", { family: `IPv${family}` })
    : unusable(family, address);
  const reason = isOwn ? fact("is-own") : otherReason;
  if (
    reason === null &&
    own.some(
      (each) =>
        each.family === family &&
        contains(each, hostPrefix(parsed.value)) &&
        reservedIn(each, address) === "broadcast",
    )
  )
    return wrong("dns-not-usable", { value: text }, fact("is-network-broadcast"));
  return reason === null ? right(text) : wrong("dns-not-usable", { value: text }, reason);
}

function checkRoutes(
  path: string,
  settings: InterfaceSettings,
  own: readonly OwnAddress[],
  findings: Findings,
): StaticRoute[] {
  if (settings.routes.length > mostRoutes) {
    findings.add(path, "too-many", { limit: String(mostRoutes) });
    return settings.routes;
  }
  const seen = new Set<string>();
  return settings.routes.map((route, index) => {
    const field = `${path}.${index}`;
    const { metric, onLink } = route;
    if (metric !== null && !isWithin(metric, 0, largestMetric))
      findings.add(`${field}.metric`, "metric-malformed", { value: String(metric) });
    const to = findings.take(`${field}.to`, parseNetwork(route.to), null);
    const via = findings.take(`${field}.via`, parseNextHop(route, to, settings, own), route.via);
    if (to === null) return { ...route, via };
    if (
      own.some(
        (each) => each.family === to.family && each.length === to.length && contains(each, to),
      )
    )
      findings.add(`${field}.to`, "route-to-own-network", { value: to.text });
    // The kernel holds one route for each network and metric.
    const key = `${to.text} ${metric ?? 0}`;
    if (seen.has(key)) findings.add(`${field}.to`, "duplicate", { value: to.text });
    seen.add(key);
    return { to: to.text, via, metric, ...(onLink === true ? { onLink } : {}) };
  });
}

function parseNextHop(
  { via, onLink }: StaticRoute,
  to: Prefix | null,
  { ipv4, ipv6 }: InterfaceSettings,
  own: readonly OwnAddress[],
): FieldValue<string> {
  const parsed = parseAddress(via, "either");
  if (!parsed.ok) return parsed;
  const { family, address, text } = parsed.value;
  if (to !== null && to.family !== family)
    return wrong("route-other-family", { value: text, family: `IPv${to.family}` });
  const { method } = family === 4 ? ipv4 : ipv6;
  const reason =
    method === "off"
      ? fact("is-family-off", { family: `IPv${family}` })
      : unusable(family, address);
  if (reason !== null) return wrong("gateway-not-usable", { value: text }, reason);
  // The network of a lease is not known here.
  const near = own.find((each) => each.family === family) ?? null;
  return checkRouter(parsed.value, near, onLink === true);
}

/** An address without a prefix, as a prefix of full length; null for a name. */
export function addressOf(text: string): Prefix | null {
  return text.includes("/") ? null : parsePrefix(text);
}
