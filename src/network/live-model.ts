import { addressOfBytes, formatAddress } from "../base/addresses/address.ts";
import { scanTable } from "./netplan.ts";
import type { NetworkctlList } from "./networkctl/schema.ts";

/** The present state of one interface. */
export interface InterfaceFacts {
  name: string;
  macAddress: string;
  linkUp: boolean;
  state: string;
  addresses: string[];
  gateway: string | null;
  dns: string[];
  /** The time servers of the DHCP lease, where they are used. */
  timeServers: string[];
  dhcp: boolean;
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
const ipv4Family = 2;

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

/** RFC 1035 section 2.3.4: the longest name. */
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
