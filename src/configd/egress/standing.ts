import { type Fact, fact } from "../../protocol/facts.ts";
import type { Settings } from "../../settings/schema.ts";
import type { AgentStatus, InterfaceStatus } from "../status.ts";
import type { Standing } from "./ledger.ts";
import { because, described } from "./reason.ts";

/** What Debian's systemd-timesyncd asks where no time server is set (timesyncd.conf(5), FallbackNTP=). */
const debianTimeServers = ["0", "1", "2", "3"].map((number) => `${number}.debian.pool.ntp.org`);

export interface StandingFacts {
  settings: Pick<Settings, "time" | "proxy">;
  interfaces: readonly Pick<InterfaceStatus, "name" | "dns" | "dhcp" | "gateway">[];
  agent: Pick<AgentStatus, "services"> | null;
}

/** Where the system's own services and the doctor go as things stand now. */
export function standingDestinations({ settings, interfaces, agent }: StandingFacts): Standing[] {
  const standing: Standing[] = [];
  const add = (by: Standing["by"], host: string | Fact, port: number, protocol: Standing["protocol"], reason: Fact) =>
    standing.push({ by, ...(typeof host === "string" ? { host } : described(host)), port, protocol, ...because(reason) });
  for (const { name, dns, dhcp, gateway } of interfaces) {
    for (const server of dns) add("resolver", server.split("%", 1)[0] ?? server, 53, "any", fact("for-names", { device: name }));
    if (dhcp) add("dhcp", "255.255.255.255", 67, "udp", fact("for-address", { device: name }));
    if (gateway) add("doctor", gateway, 0, "any", fact("for-gateway", { device: name }));
  }
  const servers = settings.time.servers.length > 0 ? settings.time.servers : debianTimeServers;
  for (const server of servers) add("time", server, 123, "udp", fact(settings.time.servers.length > 0 ? "for-time" : "for-time-unset"));
  const { proxy } = settings;
  if (proxy.kind === "pac" && URL.canParse(proxy.url)) {
    const { hostname, port, protocol } = new URL(proxy.url);
    add("agent", hostname, port === "" ? (protocol === "http:" ? 80 : 443) : Number(port), "tcp", fact("for-pac"));
  }
  if (proxy.kind === "http" || proxy.kind === "socks5") add("doctor", proxy.host, proxy.port, "tcp", fact("for-proxy-check"));
  if ((proxy.kind === "http" || proxy.kind === "pac") && (proxy.authentication === "negotiate" || proxy.authentication === "automatic"))
    add("agent", fact("place-kerberos"), 88, "any", fact("for-ticket"));
  for (const service of ["enrolment", "health", "updates", "jobs", "results"] as const) {
    const url = agent?.services[service].url ?? null;
    if (url === null || !URL.canParse(url)) continue;
    const { hostname, port } = new URL(url);
    add("doctor", hostname.replace(/^\[|\]$/g, ""), port === "" ? 443 : Number(port), "tcp", fact(`for-check-${service}`));
  }
  return standing;
}
