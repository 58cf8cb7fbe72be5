import { formatIpv6, isLinkLocal } from "../../base/addresses/ipv6.ts";

/** Flags of if_inet6(5)'s fifth column: Linux' include/uapi/linux/if_addr.h. */
const optimistic = 0x04;
const duplicate = 0x08;
const tentative = 0x40;

const line = /^([0-9a-f]{32}) +[0-9a-f]+ +[0-9a-f]+ +[0-9a-f]+ +([0-9a-f]{1,8}) +(\S+)$/;
const mostBytes = 1_000_000;

/**
 * The IPv6 addresses that a scan by `device` can be sent from, out of the text of
 * /proc/net/if_inet6. They are none while the kernel still tests the link-local address (RFC 4862
 * section 5.4): until then the card hears no answer to a neighbour solicitation, and nmap, which
 * asks twice in 0.4 s, takes every host of the link for absent.
 */
export function readyIpv6Addresses(text: string, device: string): string[] {
  const ready: string[] = [];
  for (const each of text.slice(0, mostBytes).split("\n")) {
    const [, digits, flagDigits, name] = line.exec(each.trimEnd()) ?? [];
    if (digits === undefined || flagDigits === undefined || name !== device) continue;
    const address = BigInt(`0x${digits}`);
    const flags = Number.parseInt(flagDigits, 16);
    const isTested = (flags & tentative) === 0 || (flags & optimistic) !== 0;
    if (isLinkLocal(address)) {
      // A duplicate stays untested for good, and the other addresses work without it.
      if (!isTested && (flags & duplicate) === 0) return [];
    } else if (isTested) ready.push(formatIpv6(address));
  }
  return ready;
}
