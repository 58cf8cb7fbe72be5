import { type Family, parseAddress } from "./address.ts";
import { contains, parsePrefix, prefixOfAddress } from "./prefix.ts";

/** The link-local networks of both families (RFC 3927, RFC 4291 section 2.5.6). */
const linkLocal = ["169.254.0.0/16", "fe80::/10"].map(parsePrefix).filter((each) => each !== null);

/** `fe80::1%eth0` without its zone (RFC 4007 section 11); other texts as they are. */
export function withoutZone(address: string): string {
  return address.split("%", 1)[0] ?? address;
}

/** null for a name. */
export function familyOf(host: string): Family | null {
  return parseAddress(withoutZone(host))?.family ?? null;
}

/** Whether an address holds on one link only, so that it needs a zone there. */
export function isLinkLocal(host: string): boolean {
  const address = parseAddress(withoutZone(host));
  return (
    address !== null && linkLocal.some((network) => contains(network, prefixOfAddress(address)))
  );
}

/**
 * Whether a host is reached on the interface's link itself: a link-local address always, another one
 * in the network of an address of the interface, and a gateway, which may lie outside of it (a
 * prefix of /32 or /128 has no neighbours of its own). false for a name.
 */
export function isNeighbour(
  host: string,
  { addresses, gateways }: { addresses: readonly string[]; gateways: readonly string[] },
): boolean {
  const address = parseAddress(withoutZone(host));
  if (address === null) return false;
  if (isLinkLocal(host) || gateways.map(withoutZone).includes(withoutZone(host))) return true;
  return addresses.some((text) => {
    const own = parsePrefix(text);
    return own !== null && contains(own, prefixOfAddress(address));
  });
}
