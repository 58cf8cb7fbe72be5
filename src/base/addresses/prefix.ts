import { formatIpv4, networkOf, parseIpv4 } from "./ipv4.ts";
import { formatIpv6, networkOf6, parseIpv6 } from "./ipv6.ts";

/** An address or a network of either family. */
export interface Prefix {
  family: 4 | 6;
  /** Whole, with its host bits. */
  address: bigint;
  length: number;
}

/**
 * `192.0.2.0/24`, `2001:db8::/32`; an address alone is a prefix of full length. Null when it is
 * neither.
 */
export function parsePrefix(text: string): Prefix | null {
  const [, host = "", length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const ipv4 = parseIpv4(host);
  const address = ipv4.ok ? BigInt(ipv4.value) : parseIpv6(host);
  if (address === null) return null;
  const bits = ipv4.ok ? 32 : 128;
  const prefix = {
    family: ipv4.ok ? 4 : 6,
    address,
    length: length === undefined ? bits : Number(length),
  } as const;
  return prefix.length <= bits ? prefix : null;
}

export function firstOf({ family, address, length }: Prefix): bigint {
  return family === 4 ? BigInt(networkOf(Number(address), length)) : networkOf6(address, length);
}

export function formatAddress(family: 4 | 6, address: bigint): string {
  return family === 4 ? formatIpv4(Number(address)) : formatIpv6(address);
}

/** The network that the prefix's address is in, as 192.0.2.0/24. */
export function formatNetwork(prefix: Prefix): string {
  return `${formatAddress(prefix.family, firstOf(prefix))}/${prefix.length}`;
}

/** Whether all of `inner` lies in `outer`'s network. */
export function contains(outer: Prefix, inner: Prefix): boolean {
  return (
    outer.family === inner.family &&
    outer.length <= inner.length &&
    firstOf({ ...inner, length: outer.length }) === firstOf(outer)
  );
}

export function overlaps(one: Prefix, other: Prefix): boolean {
  return contains(one, other) || contains(other, one);
}
