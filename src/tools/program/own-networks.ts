import { networkInterfaces } from "node:os";
import { familyOf, withoutZone } from "../../base/addresses/neighbours.ts";
import { contains, parsePrefix } from "../../base/addresses/prefix.ts";

/** A device's addresses with their prefixes, as 192.0.2.5/24. */
export function networksOf(device: string): string[] {
  return (networkInterfaces()[device] ?? []).flatMap(({ cidr }) => (cidr === null ? [] : [cidr]));
}

/** Of several addresses of a host, the first one of a family that the device has an address of. */
export function reachableOf(
  addresses: readonly string[],
  networks: readonly string[],
): string | undefined {
  const usable = networks.filter((network) => !network.toLowerCase().startsWith("fe80:"));
  const families = new Set(usable.map((network) => familyOf(network.split("/", 1)[0] ?? "")));
  return addresses.find((address) => families.has(familyOf(address))) ?? addresses[0];
}

/**
 * The own address from which packets go to another one. A socket that is bound to the device itself
 * would not hear what the kernel says: that nobody answers there, and that there is no way.
 */
export function sourceFor(address: string, networks: readonly string[]): string | undefined {
  const family = familyOf(address);
  const isLocal = (text: string) => /^fe[89ab]/i.test(text);
  return networks
    .map((network) => network.split("/", 1)[0] ?? "")
    .find((own) => familyOf(own) === family && isLocal(own) === isLocal(address));
}

/** Whether packets to the address go to it itself, and not to a router. */
export function isOnLink(address: string, networks: readonly string[]): boolean {
  const wanted = parsePrefix(withoutZone(address));
  return networks.some((network) => {
    const own = parsePrefix(network);
    return own !== null && wanted !== null && contains(own, wanted);
  });
}

/** Whether the device itself has the address. */
export function isOwn(address: string, networks: readonly string[]): boolean {
  return networks.some((network) => network.split("/", 1)[0] === withoutZone(address));
}
