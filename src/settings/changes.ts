import { isDeepStrictEqual } from "node:util";
import { proxyPlace } from "./proxy-place.ts";
import type { ProxySettings, Settings } from "./schema.ts";

/** One line of a review: a field in words, and its old and new value as people read them. */
export interface ChangeLine {
  field: string;
  before: string;
  after: string;
}

/** What differs between two settings, in the order of the forms. Secrets only ever appear as set or not set. */
export function describeChanges(before: Settings, after: Settings, proxyPassword: { before: boolean; after: boolean; replaced: boolean }): ChangeLine[] {
  const old = lines(before);
  const changes = lines(after).map(([field, value], index) => ({ field, before: old[index]?.[1] ?? "", after: value }));
  changes.push({
    field: "Proxy password",
    before: proxyPassword.before ? "set" : "not set",
    after: proxyPassword.after ? (proxyPassword.replaced && proxyPassword.before ? "set anew" : "set") : "not set",
  });
  return changes.filter((change) => change.before !== change.after);
}

function lines(settings: Settings): [field: string, value: string][] {
  const { macAddress, ipv4, dns } = settings.network.lan;
  return [
    ["Host name", settings.hostname],
    ["Network card", macAddress ?? "first"],
    ["IPv4", ipv4.method === "static" ? "static" : "DHCP"],
    ["Address", ipv4.method === "static" ? ipv4.address : "by DHCP"],
    ["Gateway", ipv4.method === "static" ? (ipv4.gateway ?? "none") : "by DHCP"],
    ["DNS servers", dns.servers.join(", ") || (ipv4.method === "static" ? "none" : "by DHCP")],
    ["Search domains", dns.search.join(", ") || "none"],
    ["Proxy", proxyPlace(settings.proxy) ?? "none"],
    ["Proxy authentication", proxyAuthentication(settings.proxy)],
    ["Platform", settings.platform.url ?? "not set"],
  ];
}

function proxyAuthentication(proxy: ProxySettings): string {
  if (proxy.kind === "none" || (proxy.kind !== "socks5" && proxy.authentication === "none")) return "none";
  if (proxy.kind === "socks5") return proxy.user === "" ? "none" : `password, user ${proxy.user}`;
  return `${proxy.authentication === "basic" ? "Basic" : proxy.authentication}, user ${proxy.user}`;
}

/** True when a change can cut the appliance off from its platform or its operator, so that it has to be tried first. */
export function touchesPath(before: Settings, after: Settings, passwordReplaced: boolean): boolean {
  return passwordReplaced || !isDeepStrictEqual([before.network, before.proxy], [after.network, after.proxy]);
}
