import { type Fact, fact } from "../../base/messages/facts.ts";
import { proxySchemes } from "../../settings/model/proxy-schemes.ts";
import type { Settings } from "../../settings/model/schema.ts";
import type { EgressEntry } from "./egress.ts";
import { because, described } from "./egress-reason.ts";
import type { AgentStatus, InterfaceStatus } from "./status.ts";

/** A destination that the system's own services and the doctor go to, whoever counts. */
export type ConfiguredDestination = Pick<
  EgressEntry,
  "by" | "host" | "place" | "port" | "protocol" | "why" | "reason"
>;

/**
 * What Debian's systemd-timesyncd asks where no time server is set (timesyncd.conf(5),
 * FallbackNTP=).
 */
const debianTimeServers = ["0", "1", "2", "3"].map((number) => `${number}.debian.pool.ntp.org`);

export interface ConfiguredFacts {
  settings: Pick<Settings, "network" | "time" | "proxy">;
  interfaces: readonly Pick<
    InterfaceStatus,
    "name" | "role" | "addresses" | "dns" | "timeServers" | "dhcp" | "gateway"
  >[];
  agent: Pick<AgentStatus, "services"> | null;
}

/**
 * Whom timesyncd asks: the servers of the settings alone, else those of the leases, else Debian's.
 */
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

/** Where the system's own services and the doctor go as things stand now. */
export function configuredDestinations({
  settings,
  interfaces,
  agent,
}: ConfiguredFacts): ConfiguredDestination[] {
  const standing: ConfiguredDestination[] = [];
  const add = (
    by: ConfiguredDestination["by"],
    host: string | Fact,
    port: number,
    protocol: ConfiguredDestination["protocol"],
    reason: Fact,
  ) =>
    standing.push({
      by,
      ...(typeof host === "string" ? { host } : described(host)),
      port,
      protocol,
      ...because(reason),
    });
  for (const { name, role, dns, dhcp, gateway } of interfaces) {
    const own =
      role === null
        ? null
        : settings.network.mode === "split"
          ? settings.network[role]
          : settings.network.lan;
    for (const server of dns)
      add(
        "resolver",
        server.split("%", 1)[0] ?? server,
        53,
        "any",
        fact("for-names", { device: name }),
      );
    if (dhcp || own?.ipv4.method === "dhcp")
      add("dhcp", "255.255.255.255", 67, "udp", fact("for-address", { device: name }));
    if (own?.ipv6.method === "automatic")
      add("dhcp", "ff02::1:2", 547, "udp", fact("for-address-6", { device: name }));
    if (gateway) add("doctor", gateway, 0, "any", fact("for-gateway", { device: name }));
  }
  // timesyncd asks nobody before there is a network, and by then the lease has said whom.
  const isOnline = interfaces.some(({ addresses }) => addresses.length > 0);
  if (isOnline)
    for (const { host, reason } of timeServers(settings, interfaces))
      add("time", host, 123, "udp", reason);
  const { proxy } = settings;
  if (proxy.kind === "pac" && URL.canParse(proxy.url)) {
    const { hostname, port, protocol } = new URL(proxy.url);
    add(
      "agent",
      bare(hostname),
      port === "" ? (protocol === "http:" ? 80 : 443) : Number(port),
      "tcp",
      fact("for-pac"),
    );
  }
  if (proxy.kind === "http" || proxy.kind === "socks5")
    add("doctor", proxy.host, proxy.port, "tcp", fact("for-proxy-check"));
  if ("authentication" in proxy && proxySchemes[proxy.authentication].usesKerberos)
    add("agent", fact("place-kerberos"), 88, "any", fact("for-ticket"));
  for (const service of ["enrolment", "health", "updates", "jobs", "results"] as const) {
    const url = agent?.services[service].url ?? null;
    if (url === null || !URL.canParse(url)) continue;
    const { hostname, port } = new URL(url);
    add(
      "doctor",
      bare(hostname),
      port === "" ? 443 : Number(port),
      "tcp",
      fact(`for-check-${service}`),
    );
  }
  return standing;
}

/** An IPv6 address without the brackets that it has in a URL. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}
