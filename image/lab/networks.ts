import type { HostName, Segment } from "./addresses.ts";

export interface Families {
  ipv4: boolean;
  ipv6: boolean;
}

/** What a lab's networks give to the appliance, and how the platform is reached in them. */
export interface LabNetworks extends Record<Segment, Families> {
  /** The platform's addresses and records in DNS. */
  platform: Families;
  /** The proxy's; by default the platform's. */
  proxy?: Families;
  /**
   * The router translates for hosts without IPv4 (RFC 6146), and its DNS server makes addresses of
   * the translator for names that have none of IPv6 (RFC 6147).
   */
  nat64?: boolean;
  /**
   * The platform's IPv6 address is behind the router, which drops packets for it in silence or
   * answers that there is no route (RFC 4443 section 3.1).
   */
  platformIpv6Is?: "dropped" | "refused";
}

const ipv4: Families = { ipv4: true, ipv6: false };
const ipv6: Families = { ipv4: false, ipv6: true };
const both: Families = { ipv4: true, ipv6: true };

/** Kinds of networks into which appliances are put. */
export const labNetworks = {
  ipv4: { lan: ipv4, wan: ipv4, platform: ipv4 },
  dual: { lan: both, wan: both, platform: both },
  ipv6: { lan: ipv6, wan: ipv6, platform: ipv6 },
  /** Both kinds of networks lead to a platform of IPv4 alone. */
  platformIpv4: { lan: both, wan: both, platform: ipv4 },
  platformIpv6: { lan: both, wan: both, platform: ipv6 },
  /** Without IPv4, and the platform without IPv6. */
  nat64: { lan: ipv6, wan: ipv6, platform: ipv4, nat64: true },
  /** The translator also serves hosts that do not need it (RFC 6147 section 6.3.2). */
  nat64Dual: { lan: both, wan: both, platform: ipv4, nat64: true },
  /** For split mode: LAN without IPv6, WAN without IPv4. */
  wanIpv6: { lan: ipv4, wan: ipv6, platform: ipv6 },
  wanNat64: { lan: ipv4, wan: ipv6, platform: ipv4, nat64: true },
  /** For split mode: LAN without IPv4, WAN without IPv6. */
  lanIpv6: { lan: ipv6, wan: ipv4, platform: ipv4 },
  /** Only the proxy has both families. */
  proxyToIpv4: { lan: ipv6, wan: ipv6, platform: ipv4, proxy: both },
  ipv6Dropped: { lan: both, wan: both, platform: both, platformIpv6Is: "dropped" },
  ipv6Refused: { lan: both, wan: both, platform: both, platformIpv6Is: "refused" },
  /** Without IPv4 on LAN, and nothing that translates. */
  noWayToIpv4: { lan: ipv6, wan: ipv6, platform: ipv4 },
} satisfies Record<string, LabNetworks>;

/** The families of a host's addresses. */
export function familiesOf(networks: LabNetworks, name: HostName): Families {
  if (name === "platform") return networks.platform;
  return name === "proxy" ? (networks.proxy ?? networks.platform) : networks.lan;
}

/** The families of the router's addresses on a segment: those of every machine there. */
export function routerFamilies(networks: LabNetworks, segment: Segment): Families {
  const there =
    segment === "lan"
      ? [networks.lan]
      : [networks.wan, networks.platform, familiesOf(networks, "proxy")];
  return {
    ipv4: there.some((each) => each.ipv4),
    ipv6: there.some((each) => each.ipv6),
  };
}

export function anyIpv6(networks: LabNetworks): boolean {
  return (["lan", "wan"] as const).some((segment) => routerFamilies(networks, segment).ipv6);
}
