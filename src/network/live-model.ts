import { addressOfBytes, formatAddress } from "../base/addresses/address.ts";
import { scanTable } from "./netplan.ts";
import type { NetworkctlList } from "./networkctl/schema.ts";

/** One interface as it is now. */
export interface InterfaceFacts {
  name: string;
  macAddress: string;
  linkUp: boolean;
  state: string;
  addresses: string[];
  gateway: string | null;
  dns: string[];
  /** Those that DHCP names, where they are asked. */
  timeServers: string[];
  dhcp: boolean;
  /**
   * Where the card sits, as 0000:00:03.0; null for what has no place on a PCI bus, as virtual links
   * and Hyper-V's cards.
   */
  pciAddress: string | null;
  driver: string | null;
  /** Null without a link, and where the card does not say. */
  speedMbps: number | null;
  /** The kernel's number of it: another one when it was taken out and put back. */
  index: number;
}

/** What /sys/class/net says of an interface; it is there also when networkd does not run. */
export interface KernelInterface {
  index: number;
  name: string;
  macAddress: string;
  carrier: boolean;
  /**
   * Where the card sits, as 0000:00:03.0; null for what has no place on a PCI bus, as virtual links
   * and Hyper-V's cards.
   */
  pciAddress: string | null;
  driver: string | null;
  speedMbps: number | null;
}

/**
 * The hypervisor's own order: drivers that probe at the same time give out the kernel's indexes in
 * any order. PCI addresses have digits of fixed number, so they sort as text. The others follow by
 * index, as do the functions of one card.
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
 * The last PCI address on the way to a device of /sys/devices: bridges come before it, a virtio
 * device behind it.
 */
export function pciAddressOf(devicePath: string): string | null {
  return (
    devicePath.match(/(?<=\/)[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7](?=\/|$)/g)?.at(-1) ?? null
  );
}

/** In split mode the scan side's routes are in its own. */
const tables: readonly number[] = [254, scanTable];
const ipv4Family = 2;

/**
 * Puts together what the kernel and networkd say. Interfaces that only networkd knows have vanished
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
      const addresses = (link?.Addresses ?? []).filter(
        (address) => address.ScopeString !== "link" && address.ScopeString !== "host",
      );
      const gateways = (link?.Routes ?? [])
        .filter(
          (route) =>
            route.Family === ipv4Family &&
            route.DestinationPrefixLength === 0 &&
            tables.includes(route.Table) &&
            route.Gateway !== undefined,
        )
        .sort((a, b) => a.Priority - b.Priority);
      return {
        name,
        macAddress,
        linkUp: carrier,
        state: link?.AdministrativeState ?? "unknown",
        addresses: addresses
          .map((address) => `${formatBytes(address.Address)}/${address.PrefixLength}`)
          .slice(0, 32),
        gateway: gateways[0]?.Gateway ? formatBytes(gateways[0].Gateway) : null,
        dns: [...new Set((link?.DNS ?? []).map((server) => formatBytes(server.Address)))].slice(
          0,
          32,
        ),
        timeServers: timeServersOf(link?.NTP ?? []),
        dhcp: addresses.some((address) => address.ConfigSource === "DHCPv4"),
        pciAddress,
        driver,
        speedMbps,
        index,
      };
    });
}

/** The longest name of RFC 1035. */
const longestName = 253;

function timeServersOf(servers: readonly { Address?: number[]; Server?: string }[]): string[] {
  const named = servers.map(({ Address, Server }) =>
    Address ? formatBytes(Address) : (Server ?? ""),
  );
  return [
    ...new Set(named.filter((server) => server !== "" && server.length <= longestName)),
  ].slice(0, 32);
}

/** An address of 4 or 16 bytes as text; IPv6 as RFC 5952 writes it. */
function formatBytes(bytes: readonly number[]): string {
  const address = addressOfBytes(bytes);
  return address === null ? bytes.join(".") : formatAddress(address.family, address.value);
}
