/** The lab's two segments (documentation ranges of RFC 5737 and RFC 3849) and their machines. */
export const domain = "outrider.test";

export const segments = {
  lan: {
    network: "192.0.2.0",
    prefix: 24,
    gateway: "192.0.2.1",
    leases: ["192.0.2.100", "192.0.2.199"],
    prefix6: "2001:db8:0:1::",
  },
  wan: {
    network: "198.51.100.0",
    prefix: 24,
    gateway: "198.51.100.1",
    leases: ["198.51.100.100", "198.51.100.199"],
    prefix6: "2001:db8:0:2::",
  },
} as const;
export type Segment = keyof typeof segments;

export interface Host {
  segment: Segment;
  address: string;
  /** Only in networks with IPv6. */
  address6: string;
  macAddress: string;
  /** In the domain. */
  names: readonly string[];
}

const host = (segment: Segment, address: string, names: readonly string[]): Host => {
  const address6 = `${segments[segment].prefix6}${address.split(".")[3]}`;
  const bytes = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  // Locally administered; derived from the IP address.
  return { segment, address, address6, macAddress: ["02", "00", ...bytes].join(":"), names };
};

/**
 * Machines with one interface, each a network namespace of its name. The router has one on both
 * segments.
 */
export const hosts = {
  /** A workstation, from which tests look at the LAN. */
  station: host("lan", "192.0.2.2", ["station"]),
  web: host("lan", "192.0.2.10", ["web"]),
  ssh: host("lan", "192.0.2.11", ["ssh"]),
  redis: host("lan", "192.0.2.12", ["redis"]),
  platform: host("wan", "198.51.100.10", [
    "platform",
    "enrolment",
    "health",
    "updates",
    "jobs",
    "results",
  ]),
  proxy: host("wan", "198.51.100.20", ["proxy"]),
} as const satisfies Record<string, Host>;
export type HostName = keyof typeof hosts;
export const hostNames: HostName[] = ["station", "web", "ssh", "redis", "platform", "proxy"];

/** The platform's IPv6 address in networks where it is behind the router. */
export const farPlatformAddress6 = "2001:db8:0:3::10";

/** NAT64: the prefix of the operator's own (RFC 6052 section 2.2) and the translator's IPv4 addresses. */
export const nat64 = {
  prefix: "2001:db8:0:64::/96",
  ipv4Pool: "203.0.113.0/24",
  ipv4Address: "203.0.113.1",
} as const;

export const services = ["enrolment", "health", "updates", "jobs", "results"] as const;
export const platformUrl = `https://platform.${domain}`;

/** A network card of the appliance, and the segment that it is plugged into. */
export interface ApplianceCard {
  name: string;
  segment: Segment;
  macAddress: string;
}

/**
 * The appliance's two interfaces, as a hypervisor would give them out: eth0 on LAN, eth1 on WAN.
 */
export const applianceCards = {
  eth0: { name: "eth0", segment: "lan", macAddress: "52:54:00:0a:00:01" },
  eth1: { name: "eth1", segment: "wan", macAddress: "52:54:00:0a:00:02" },
} as const satisfies Record<string, ApplianceCard>;
