import { addressOfBytes, formatAddress } from "../base/addresses/address.ts";
import { isLinkLocal, withoutZone } from "../base/addresses/neighbours.ts";
import { scanTable } from "./netplan.ts";
import type { NetworkctlList } from "./networkctl/schema.ts";

/** How an interface came by an address. `router`: made from a router's advertisement (RFC 4862). */
export type AddressOrigin = "dhcp" | "dhcpv6" | "router" | "static";

/** The present state of one interface. */
export interface InterfaceFacts {
  name: string;
  macAddress: string;
  linkUp: boolean;
  state: string;
  /** With prefix length; link-local ones are left out. */
  addresses: string[];
  /** Where each of `addresses` is from, in their order. */
  origins: AddressOrigin[];
  /**
   * The default gateways: those of IPv4 first, of each family those with the lowest metric. A
   * link-local one has its zone, as fe80::1%eth0.
   */
  gateways: string[];
  /** The first of `gateways`, without a zone. */
  gateway: string | null;
  /** A link-local one has its zone, as fe80::53%eth0. */
  dns: string[];
  /** The time servers of the DHCP lease, where they are used. */
  timeServers: string[];
  /** An IPv4 address came by DHCP. */
  dhcp: boolean;
  /** Destinations of the routes through a gateway that DHCPv4 gave, as 203.0.113.0/24. */
  leasedRoutes: string[];
  /** As 0000:00:03.0; null for a card that is on no PCI bus, such as virtual links and Hyper-V's. */
  pciAddress: string | null;
  driver: string | null;
  /** Null without a link, and where the driver does not report it. */
  speedMbps: number | null;
  /** The kernel's interface index; a card that was removed and put back gets another one. */
  index: number;
}

/** An interface as /sys/class/net shows it, also when networkd does not run. */
export interface KernelInterface {
  index: number;
  name: string;
  macAddress: string;
  carrier: boolean;
  /** As 0000:00:03.0; null for a card that is on no PCI bus, such as virtual links and Hyper-V's. */
  pciAddress: string | null;
  driver: string | null;
  speedMbps: number | null;
}

/**
 * The hypervisor's own order. Drivers that probe at the same time get the kernel's indexes in any
 * order, so PCI addresses come first; they have a fixed number of digits and sort as text. The
 * others, and the functions of one card, follow by index.
 */
export function compareInterfaces(a: KernelInterface, b: KernelInterface): number {
  if (a.pciAddress !== b.pciAddress) {
    if (a.pciAddress === null) return 1;
    if (b.pciAddress === null) return -1;
    return a.pciAddress < b.pciAddress ? -1 : 1;
  }
  return a.index - b.index;
}

/**
 * The last PCI address in a device path of /sys/devices: bridges come before it, a virtio device
 * after it.
 */
export function pciAddressOf(devicePath: string): string | null {
  return (
    devicePath.match(/(?<=\/)[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7](?=\/|$)/g)?.at(-1) ?? null
  );
}

/** The main table and, in split mode, that of the scan side. */
const tables: readonly number[] = [254, scanTable];
/** AF_INET and AF_INET6 of Linux. */
const families = [2, 10] as const;
/** networkd's words (systemd 257, network_config_source_to_string); others are set by hand. */
const origins: Readonly<Record<string, AddressOrigin>> = {
  DHCPv4: "dhcp",
  DHCPv6: "dhcpv6",
  NDisc: "router",
};
const longestList = 32;

type Link = NetworkctlList["Interfaces"][number];
type LinkRoute = NonNullable<Link["Routes"]>[number];
/** A route whose next hop, where it has one, is resolved. */
type GatewayRoute = LinkRoute & { Gateway: number[] };

/**
 * Merges the views of the kernel and networkd. An interface that only networkd knows has vanished
 * meanwhile.
 */
export function describeInterfaces(
  kernel: readonly KernelInterface[],
  networkd: NetworkctlList | null,
): InterfaceFacts[] {
  return [...kernel]
    .sort(compareInterfaces)
    .map(({ name, macAddress, carrier, pciAddress, driver, speedMbps, index }) => {
      const link = networkd?.Interfaces.find((candidate) => candidate.Name === name);
      const addresses = (link?.Addresses ?? [])
        .filter(({ ScopeString }) => ScopeString !== "link" && ScopeString !== "host")
        .slice(0, longestList);
      const routes = routesByGateway(link, networkd?.Routes ?? []);
      const gateways = gatewaysOf(routes).map((address) => zoned(address, name));
      const [first] = gateways;
      return {
        name,
        macAddress,
        linkUp: carrier,
        state: link?.AdministrativeState ?? "unknown",
        addresses: addresses.map(
          ({ Address, PrefixLength }) => `${formatBytes(Address)}/${PrefixLength}`,
        ),
        origins: addresses.map(({ ConfigSource }) => origins[ConfigSource] ?? "static"),
        gateways,
        gateway: first === undefined ? null : withoutZone(first),
        dns: unique((link?.DNS ?? []).map(({ Address }) => zoned(formatBytes(Address), name))),
        timeServers: timeServersOf(link?.NTP ?? []),
        dhcp: addresses.some((address) => address.ConfigSource === "DHCPv4"),
        leasedRoutes: unique(routes.flatMap(leasedDestination)),
        pciAddress,
        driver,
        speedMbps,
        index,
      };
    });
}

/** The routes with a gateway, also those that only name the next hop that has it (ip-nexthop(8)). */
function routesByGateway(link: Link | undefined, shared: readonly LinkRoute[]): GatewayRoute[] {
  const nextHops = new Map(link?.NextHops?.map(({ ID, Gateway }) => [ID, Gateway]));
  const named = shared.filter(
    ({ NextHopID }) => NextHopID !== undefined && nextHops.has(NextHopID),
  );
  return [...(link?.Routes ?? []), ...named].flatMap((route) => {
    const Gateway = route.Gateway ?? nextHops.get(route.NextHopID ?? 0);
    return Gateway === undefined ? [] : [{ ...route, Gateway }];
  });
}

function gatewaysOf(routes: readonly GatewayRoute[]): string[] {
  return families.flatMap((family) => {
    const defaults = routes.flatMap((route) =>
      route.Family === family && route.DestinationPrefixLength === 0 && tables.includes(route.Table)
        ? [{ gateway: formatBytes(route.Gateway), metric: route.Priority }]
        : [],
    );
    const lowest = Math.min(...defaults.map(({ metric }) => metric));
    return unique(defaults.filter(({ metric }) => metric === lowest).map(({ gateway }) => gateway));
  });
}

function leasedDestination(route: GatewayRoute): string[] {
  const { Destination, DestinationPrefixLength, ConfigSource } = route;
  return ConfigSource === "DHCPv4" && Destination !== undefined
    ? [`${formatBytes(Destination)}/${DestinationPrefixLength}`]
    : [];
}

/** RFC 4007: a link-local IPv6 address means nothing without the link that it is on. */
function zoned(address: string, device: string): string {
  return address.includes(":") && isLinkLocal(address) ? `${address}%${device}` : address;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].slice(0, longestList);
}

/** RFC 1035 section 2.3.4: the longest name. */
const longestName = 253;

function timeServersOf(servers: readonly { Address?: number[]; Server?: string }[]): string[] {
  const named = servers.map(({ Address, Server }) =>
    Address ? formatBytes(Address) : (Server ?? ""),
  );
  return unique(named.filter((server) => server !== "" && server.length <= longestName));
}

/** An address of 4 or 16 bytes as text; IPv6 as RFC 5952 writes it. */
function formatBytes(bytes: readonly number[]): string {
  const address = addressOfBytes(bytes);
  return address === null ? bytes.join(".") : formatAddress(address.family, address.value);
}
