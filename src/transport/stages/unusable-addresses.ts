import { networkInterfaces } from "node:os";
import { formatAddress } from "../../base/addresses/address.ts";
import { contains, parsePrefix } from "../../base/addresses/prefix.ts";

/**
 * Addresses that are no other host's: "this host" and loopback (RFC 1122 section 3.2.1.3; RFC 4291
 * section 2.5), multicast and broadcast. Linux takes 0.0.0.0 for itself.
 */
const nobodys = ["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32"]
  .concat("::/128", "::1/128", "ff00::/8")
  .flatMap((text) => parsePrefix(text) ?? []);

/**
 * Whether a DNS answer can be no server's address: DNS filters answer so for the names that they
 * block. `own` are the addresses of this machine.
 */
export function isUnusable(address: string, own: readonly string[] = ownAddresses()): boolean {
  const prefix = parsePrefix(inIpv4(address) ?? address);
  return own.includes(address) || nobodys.some((each) => prefix !== null && contains(each, prefix));
}

/**
 * Addresses of IPv6 that mean one of IPv4: mapped ones (RFC 4291 section 2.5.5.2), and those that
 * DNS64 makes of what the server behind it answers, a filter's 0.0.0.0 too (RFC 6052 section 2.1).
 */
const ofIpv4 = ["::ffff:0:0/96", "64:ff9b::/96"].flatMap((text) => parsePrefix(text) ?? []);

function inIpv4(address: string): string | null {
  const prefix = parsePrefix(address);
  if (prefix === null || !ofIpv4.some((each) => contains(each, prefix))) return null;
  return formatAddress(4, prefix.address & 0xffff_ffffn);
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address),
  );
}
