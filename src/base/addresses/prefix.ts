import { type Address, addressBits, type Family, formatAddress, parseAddress } from "./address.ts";

/** A network of either family, or an address in it. */
export interface Prefix {
  family: Family;
  /** With its host bits. */
  address: bigint;
  /** In bits: 0 to 32, or to 128. */
  length: number;
}

/**
 * `192.0.2.0/24`, `2001:db8::/32`; an address alone is a prefix of full length. null for any other
 * text.
 */
export function parsePrefix(text: string): Prefix | null {
  const [, host = "", digits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(host);
  if (address === null) return null;
  const length = digits === undefined ? addressBits[address.family] : Number(digits);
  if (length > addressBits[address.family]) return null;
  return { family: address.family, address: address.value, length };
}

/** The prefix that holds one address alone. */
export function prefixOfAddress({ family, value }: Address): Prefix {
  return { family, address: value, length: addressBits[family] };
}

/** The lowest address of the prefix's network. */
export function firstOf({ family, address, length }: Prefix): bigint {
  const hostBits = BigInt(addressBits[family] - length);
  return (address >> hostBits) << hostBits;
}

/** The highest address of the prefix's network; for IPv4 its broadcast address (RFC 919). */
export function lastOf(prefix: Prefix): bigint {
  const hostBits = BigInt(addressBits[prefix.family] - prefix.length);
  return firstOf(prefix) + (1n << hostBits) - 1n;
}

/** The length of an IPv4 mask as 255.255.255.0, or null when its ones are not all on the left. */
export function lengthOfMask(mask: number): number | null {
  const allOnes = { family: 4, address: 0xffff_ffffn } as const;
  for (let length = 0; length <= addressBits[4]; length++)
    if (firstOf({ ...allOnes, length }) === BigInt(mask)) return length;
  return null;
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
