import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { InterfaceSettings, ProxySettings, Settings } from "./model/schema.ts";
import { proxyPlace } from "./proxy-address.ts";

/** One line of a review: a field in words, and its old and new value as people read them. */
export interface ChangeLine {
  field: string;
  before: string;
  after: string;
}

/**
 * The words of a review that are not somebody's own: names of settings, and values that have a
 * name. Whoever shows them may translate them.
 */
const names = {
  hostname: "Host name",
  mode: "Network cards",
  card: "Network card",
  ipv4: "IPv4",
  address: "Address",
  gateway: "Gateway",
  ipv6: "IPv6",
  ipv6Address: "IPv6 address",
  ipv6Gateway: "IPv6 gateway",
  dns: "DNS servers",
  search: "Search domains",
  vlan: "VLAN tag",
  mtu: "MTU",
  routes: "Routes",
  proxy: "Proxy",
  proxyTls: "TLS to the proxy",
  proxyAuthentication: "Proxy authentication",
  proxyBypass: "Called directly",
  proxyFallback: "Directly when the proxy fails",
  proxyPassword: "Proxy password",
  platform: "Platform",
  trust: "Extra certificates",
  time: "Time servers",
  exclusions: "Never scanned",
  timeZone: "Time zone of scan windows",
  language: "Language",
  keyboard: "Keyboard",
  lock: "Console lock",
} as const;
const values = [
  "first",
  "static",
  "DHCP",
  "off",
  "automatic",
  "none",
  "by DHCP",
  "not set",
  "set",
  "set anew",
  "one",
  "two",
  "yes",
  "no",
  "never",
  "usual",
] as const;
const roleNames = [
  "card",
  "ipv4",
  "address",
  "gateway",
  "ipv6",
  "ipv6Address",
  "ipv6Gateway",
  "dns",
  "search",
  "vlan",
  "mtu",
  "routes",
] as const;

export const settingTerms: ReadonlySet<string> = new Set<string>([
  ...Object.values(names),
  ...values,
  ...roleNames.flatMap((name) => ["LAN", "WAN"].map((role) => inRole(role, names[name]))),
]);

function inRole(role: string, name: string): string {
  return `${role}: ${name}`;
}

/**
 * What differs between two settings, in the order of the forms. Secrets only ever appear as set or
 * not set.
 */
export function describeChanges(
  before: Settings,
  after: Settings,
  proxyPassword: { before: boolean; after: boolean; replaced: boolean },
): ChangeLine[] {
  const old = new Map(lines(before));
  const now = new Map(lines(after));
  // A role's lines have other names when there are two, so that each line is of one side only.
  const split = before.network.mode === "split" || after.network.mode === "split";
  const named = (map: ReadonlyMap<string, string>, settings: Settings) =>
    split && settings.network.mode === "single"
      ? new Map(
          [...map].map(([name, value]) => [
            roleNames.some((each) => names[each] === name) ? inRole("LAN", name) : name,
            value,
          ]),
        )
      : map;
  const [oldNamed, nowNamed] = [named(old, before), named(now, after)];
  const changes = [...new Set([...nowNamed.keys(), ...oldNamed.keys()])].map((field) => ({
    field,
    before: oldNamed.get(field) ?? "none",
    after: nowNamed.get(field) ?? "none",
  }));
  changes.push({
    field: names.proxyPassword,
    before: proxyPassword.before ? "set" : "not set",
    after: proxyPassword.after
      ? proxyPassword.replaced && proxyPassword.before
        ? "set anew"
        : "set"
      : "not set",
  });
  return changes.filter((change) => change.before !== change.after);
}

/** All settings as people read them, in the order of the forms. */
export function describeSettings(
  settings: Settings,
): readonly (readonly [field: string, value: string])[] {
  return lines(settings);
}

type Line = [field: string, value: string];

function lines(settings: Settings): Line[] {
  const { hostname, network, proxy, platform, trust, time, scan, console } = settings;
  const roles: Line[] =
    network.mode === "single"
      ? roleLines(network.lan)
      : [
          ...roleLines(network.lan).map(([name, value]): Line => [inRole("LAN", name), value]),
          ...roleLines(network.wan).map(([name, value]): Line => [inRole("WAN", name), value]),
        ];
  return [
    [names.hostname, hostname],
    [names.mode, network.mode === "split" ? "two" : "one"],
    ...roles,
    [names.proxy, proxyText(proxy)],
    [names.proxyTls, proxy.kind === "http" ? yesNo(proxy.tls) : "no"],
    [names.proxyAuthentication, proxyAuthentication(proxy)],
    [names.proxyBypass, (proxy.kind === "none" ? "" : proxy.bypass.join(", ")) || "none"],
    [names.proxyFallback, proxy.kind === "none" ? "no" : yesNo(proxy.fallbackToDirect)],
    [names.platform, platform.url ?? "not set"],
    [
      names.trust,
      trust.certificates.length === 0
        ? "none"
        : `${trust.certificates.length} (${trust.certificates.map(fingerprint).join(", ")})`,
    ],
    [names.time, time.servers.join(", ") || "by DHCP"],
    [names.exclusions, scan.exclusions.join(", ") || "none"],
    [names.timeZone, scan.timeZone],
    [names.language, console.language],
    [names.keyboard, console.keyboard],
    [names.lock, console.lockAfterMinutes === null ? "never" : `${console.lockAfterMinutes} min`],
  ];
}

function roleLines({ macAddress, vlan, mtu, ipv4, ipv6, dns, routes }: InterfaceSettings): Line[] {
  const otherwise = ipv4.method === "dhcp" ? "by DHCP" : "none";
  const sixth = ipv6.method === "automatic" ? "automatic" : "none";
  return [
    [names.card, macAddress ?? "first"],
    [names.ipv4, ipv4.method === "dhcp" ? "DHCP" : ipv4.method],
    [names.address, ipv4.method === "static" ? ipv4.address : otherwise],
    [names.gateway, ipv4.method === "static" ? (ipv4.gateway ?? "none") : otherwise],
    [names.ipv6, ipv6.method],
    [names.ipv6Address, ipv6.method === "static" ? ipv6.address : sixth],
    [names.ipv6Gateway, ipv6.method === "static" ? (ipv6.gateway ?? "none") : sixth],
    [names.dns, dns.servers.join(", ") || otherwise],
    [names.search, dns.search.join(", ") || "none"],
    [names.vlan, vlan === null ? "none" : String(vlan)],
    [names.mtu, mtu === null ? "usual" : String(mtu)],
    [
      names.routes,
      routes
        .map(
          ({ to, via, metric }) => `${to} via ${via}${metric === null ? "" : ` metric ${metric}`}`,
        )
        .join(", ") || "none",
    ],
  ];
}

const yesNo = (value: boolean) => (value ? "yes" : "no");

function proxyText(proxy: ProxySettings): string {
  const place = proxyPlace(proxy) ?? "none";
  return proxy.kind === "socks5" ? `SOCKS5 ${place}` : place;
}

/** Enough to tell two certificates apart. */
function fingerprint(pem: string): string {
  return createHash("sha256")
    .update(pem.replace(/-----[^-]*-----|\s/g, ""), "base64")
    .digest("hex")
    .slice(0, 8);
}

function proxyAuthentication(proxy: ProxySettings): string {
  if (proxy.kind === "none" || (proxy.kind !== "socks5" && proxy.authentication === "none"))
    return "none";
  if (proxy.kind === "socks5") return proxy.user === "" ? "none" : `password, user ${proxy.user}`;
  return `${proxy.authentication === "basic" ? "Basic" : proxy.authentication}, user ${proxy.user}`;
}

/**
 * True when a change can cut the appliance off from its platform or its operator, so that it has to
 * be tried first. Time servers of one's own change what is taken of a lease, and so the link.
 */
export function touchesPath(before: Settings, after: Settings, passwordReplaced: boolean): boolean {
  const path = ({ network, proxy, platform, trust, time }: Settings) => [
    network,
    proxy,
    platform,
    trust,
    time,
  ];
  return passwordReplaced || !isDeepStrictEqual(path(before), path(after));
}
