import { networkInterfaces } from "node:os";
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
  const prefix = parsePrefix(address.replace(/^::ffff:(?=\d+\.)/i, ""));
  return own.includes(address) || nobodys.some((each) => prefix !== null && contains(each, prefix));
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address),
  );
}
