import { withoutZone } from "../../base/addresses/neighbours.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { proxySchemes } from "../../settings/model/proxy-schemes.ts";
import type { Settings } from "../../settings/model/schema.ts";
import type { EgressEntry } from "./egress.ts";
import { because, described } from "./egress-reason.ts";
import type { AgentStatus, InterfaceStatus } from "./status.ts";

/** A destination that the system's services and the doctor contact, counted or not. */
export type ConfiguredDestination = Pick<
  EgressEntry,
  "by" | "host" | "place" | "port" | "protocol" | "why" | "reason"
>;

/** Debian's default time servers, which timesyncd uses without others (timesyncd.conf(5), FallbackNTP=). */
const debianTimeServers = ["0", "1", "2", "3"].map((number) => `${number}.debian.pool.ntp.org`);

export interface ConfiguredFacts {
  settings: Pick<Settings, "network" | "time" | "proxy">;
  interfaces: readonly Pick<
    InterfaceStatus,
    "name" | "role" | "addresses" | "dns" | "timeServers" | "dhcp" | "gateways"
  >[];
  agent: Pick<AgentStatus, "services"> | null;
}

/** The time servers that timesyncd uses: those of the settings, else of the leases, else Debian's. */
export function timeServers(
  { time: { servers } }: Pick<Settings, "time">,
  interfaces: readonly Pick<InterfaceStatus, "name" | "timeServers">[],
): { host: string; reason: Fact }[] {
  if (servers.length > 0) return servers.map((host) => ({ host, reason: fact("for-time") }));
  const leased = interfaces.flatMap(({ name, timeServers: named }) =>
    named.map((host) => ({ host, reason: fact("for-time-lease", { device: name }) })),
  );
  return leased.length > 0
    ? leased
    : debianTimeServers.map((host) => ({ host, reason: fact("for-time-unset") }));
}

/** The destinations that the system's services and the doctor use with the present settings. */
export function configuredDestinations({
  settings,
  interfaces,
  agent,
}: ConfiguredFacts): ConfiguredDestination[] {
  const destinations: ConfiguredDestination[] = [];
  const add = (
    by: ConfiguredDestination["by"],
    host: string | Fact,
    port: number,
    protocol: ConfiguredDestination["protocol"],
    reason: Fact,
  ) =>
    destinations.push({
      by,
      ...(typeof host === "string" ? { host } : described(host)),
      port,
      protocol,
      ...because(reason),
    });
  for (const { name, role, dns, dhcp, gateways } of interfaces) {
    const own = role === null ? null : interfaceSettings(settings.network, role);
    for (const server of dns)
      add("resolver", withoutZone(server), 53, "any", fact("for-names", { device: name }));
    if (dhcp || own?.ipv4.method === "dhcp")
      add("dhcp", "255.255.255.255", 67, "udp", fact("for-address", { device: name }));
    if (own?.ipv6.method === "automatic")
      add("dhcp", "ff02::1:2", 547, "udp", fact("for-address-6", { device: name }));
    for (const gateway of gateways)
      add("doctor", withoutZone(gateway), 0, "any", fact("for-gateway", { device: name }));
  }
  // timesyncd sends nothing before there is a network, and then the lease has named its servers.
  const isOnline = interfaces.some(({ addresses }) => addresses.length > 0);
  if (isOnline)
    for (const { host, reason } of timeServers(settings, interfaces))
      add("time", host, 123, "udp", reason);
  const { proxy } = settings;
  if (proxy.kind === "pac" && URL.canParse(proxy.url)) {
    const url = new URL(proxy.url);
    add("agent", withoutBrackets(url.hostname), portOf(url), "tcp", fact("for-pac"));
  }
  if (proxy.kind === "http" || proxy.kind === "socks5")
    add("doctor", proxy.host, proxy.port, "tcp", fact("for-proxy-check"));
  if ("authentication" in proxy && proxySchemes[proxy.authentication].usesKerberos)
    add("agent", fact("place-kerberos"), 88, "any", fact("for-ticket"));
  for (const service of ["enrolment", "health", "updates", "jobs", "results"] as const) {
    const url = agent?.services[service].url ?? null;
    if (url === null || !URL.canParse(url)) continue;
    const { hostname, port } = new URL(url);
    const host = withoutBrackets(hostname);
    const number = port === "" ? 443 : Number(port);
    add("doctor", host, number, "tcp", fact(`for-check-${service}`));
  }
  return destinations;
}

function interfaceSettings(network: Settings["network"], role: "lan" | "wan") {
  return network.mode === "split" ? network[role] : network.lan;
}

function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "http:" ? 80 : 443;
}

/** An IPv6 address without the brackets that it has in a URL. */
function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}
