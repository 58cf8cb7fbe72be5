import { configuredDestinations, timeServers } from "../configd/api/configured-destinations.ts";
import type { EgressFile } from "../configd/api/egress.ts";
import type { AgentStatus, Status } from "../configd/api/status.ts";
import { namedProxy } from "../settings/values/proxy-address.ts";
import { isBypassed, readBypassList } from "../transport/proxy/bypass.ts";

export type ServiceName = keyof AgentStatus["services"];

/** One destination that a firewall must allow. */
export interface FirewallNeed {
  /**
   * `platform` also before its services are known; `pac` is the server of the proxy configuration
   * file.
   */
  purpose: "platform" | "proxy" | "pac" | "names" | "time";
  /** A name or an address. */
  host: string;
  port: number;
  protocol: "tcp" | "udp" | "tcp+udp";
  /** The platform's services behind this host. */
  services: readonly ServiceName[];
  /** The addresses that were connected to there. */
  seen: readonly string[];
}

export interface FirewallNeeds {
  hostname: string;
  /** The source of the connections; null while there is no card. */
  source: { role: "lan" | "wan"; device: string; addresses: readonly string[] } | null;
  needs: readonly FirewallNeed[];
  /** Destinations that the proxy must allow: the firewall never sees these. */
  throughProxy: readonly FirewallNeed[];
  /** The platform's own networks, as its directory tells them. */
  ipRanges: readonly string[];
}

/**
 * The destinations that a firewall must allow now. `seen` has the addresses that the ledger
 * recorded.
 */
export function firewallNeeds(
  status: Pick<Status, "hostname" | "settings" | "interfaces" | "agent">,
  ledger: EgressFile | null,
): FirewallNeeds {
  const { settings, interfaces, agent } = status;
  const role = settings.network.mode === "split" ? "wan" : "lan";
  const nic = interfaces.find((each) => each.role === role);
  const { proxy } = settings;
  const bypass = proxy.kind === "none" ? { ok: false as const } : readBypassList(proxy.bypass);
  const rules = bypass.ok ? bypass.rules : [];
  const places = platformPlaces(agent, settings.platform.url).map((place) => ({
    ...place,
    seen: seenAt(place, ledger),
  }));
  const isDirect = (place: { host: string; port: number }) =>
    proxy.kind === "none" || proxy.fallbackToDirect || isBypassed(rules, place);
  const needs: FirewallNeed[] = places.filter(isDirect);
  const named = namedProxy(proxy);
  if (named)
    needs.unshift({
      ...named,
      purpose: "proxy",
      protocol: "tcp",
      services: [],
      seen: seenAt(named, ledger),
    });
  if (proxy.kind === "pac" && URL.canParse(proxy.url)) {
    const place = placeOf(proxy.url);
    needs.unshift({
      ...place,
      purpose: "pac",
      protocol: "tcp",
      services: [],
      seen: seenAt(place, ledger),
    });
  }
  for (const { by, host, port } of configuredDestinations({
    settings,
    interfaces: nic ? [nic] : [],
    agent: null,
  }))
    if (by === "resolver")
      needs.push({ purpose: "names", host, port, protocol: "tcp+udp", services: [], seen: [] });
  for (const { host } of timeServers(settings, nic ? [nic] : []))
    needs.push({ purpose: "time", host, port: 123, protocol: "udp", services: [], seen: [] });
  return {
    hostname: status.hostname,
    source: nic
      ? {
          role,
          device: nic.name,
          addresses: nic.addresses.map((address) => address.split("/", 1)[0] ?? address),
        }
      : null,
    needs,
    throughProxy:
      proxy.kind === "none"
        ? []
        : places.filter((place) => proxy.fallbackToDirect || !isDirect(place)),
    ipRanges: agent?.ipRanges ?? [],
  };
}

type PlatformPlace = Omit<FirewallNeed, "seen">;

/** The services by host and port; before the enrolment only the platform's own address is known. */
function platformPlaces(
  agent: Pick<AgentStatus, "services"> | null,
  platformUrl: string | null,
): PlatformPlace[] {
  const places: (PlatformPlace & { services: ServiceName[] })[] = [];
  const add = (url: string | null, service: ServiceName | null) => {
    if (url === null || !URL.canParse(url)) return;
    const place = placeOf(url);
    let known = places.find(({ host, port }) => host === place.host && port === place.port);
    if (!known) {
      known = { ...place, purpose: "platform", protocol: "tcp", services: [] };
      places.push(known);
    }
    if (service !== null) known.services.push(service);
  };
  for (const name of ["enrolment", "health", "updates", "jobs", "results"] as const)
    add(agent?.services[name].url ?? null, name);
  if (places.length === 0) add(platformUrl, null);
  return places;
}

function placeOf(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  const usualPort = protocol === "http:" ? 80 : 443;
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? usualPort : Number(port),
  };
}

function seenAt(
  { host, port }: { host: string; port: number },
  ledger: EgressFile | null,
): string[] {
  const entries = (ledger?.entries ?? []).filter(
    (each) => each.host === host && each.port === port,
  );
  return [...new Set(entries.flatMap(({ addresses }) => addresses))].filter(
    (address) => address !== host,
  );
}
