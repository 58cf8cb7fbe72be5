import type { Settings } from "../../settings/schema.ts";
import type { AgentStatus, InterfaceStatus } from "../status.ts";
import type { Standing } from "./ledger.ts";

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
  const add = (by: Standing["by"], host: string, port: number, protocol: Standing["protocol"], why: string) => standing.push({ by, host, port, protocol, why });
  for (const { name, dns, dhcp, gateway } of interfaces) {
    for (const server of dns) add("resolver", server.split("%", 1)[0] ?? server, 53, "any", `names, by ${name}`);
    if (dhcp) add("dhcp", "255.255.255.255", 67, "udp", `an address for ${name}; its renewals go to the server that gave it`);
    if (gateway) add("doctor", gateway, 0, "any", `whether ${name}'s gateway answers`);
  }
  const servers = settings.time.servers.length > 0 ? settings.time.servers : debianTimeServers;
  for (const server of servers) add("time", server, 123, "udp", settings.time.servers.length > 0 ? "time" : "time, as no server is set and DHCP names none");
  const { proxy } = settings;
  if (proxy.kind === "pac" && URL.canParse(proxy.url)) {
    const { hostname, port, protocol } = new URL(proxy.url);
    add("agent", hostname, port === "" ? (protocol === "http:" ? 80 : 443) : Number(port), "tcp", "the PAC file, which says which proxy to take");
  }
  if (proxy.kind === "http" || proxy.kind === "socks5") add("doctor", proxy.host, proxy.port, "tcp", "whether the proxy answers, when somebody asks");
  if ((proxy.kind === "http" || proxy.kind === "pac") && (proxy.authentication === "negotiate" || proxy.authentication === "automatic"))
    add("agent", "the Kerberos servers of the proxy user's realm", 88, "any", "a ticket for the proxy, where it asks for one");
  for (const [service, { url }] of Object.entries(agent?.services ?? {})) {
    if (url === null || !URL.canParse(url)) continue;
    const { hostname, port } = new URL(url);
    add(
      "doctor",
      hostname.replace(/^\[|\]$/g, ""),
      port === "" ? 443 : Number(port),
      "tcp",
      `whether the ${service} service can be reached, when somebody asks`,
    );
  }
  return standing;
}
