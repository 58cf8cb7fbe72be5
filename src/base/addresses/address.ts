import { formatIpv4, parseIpv4 } from "./ipv4.ts";
import { formatIpv6, parseIpv6 } from "./ipv6.ts";

export type Family = 4 | 6;
export const addressBits = { 4: 32, 6: 128 } as const satisfies Record<Family, number>;

/** An address of either family, as an unsigned number of 32 or 128 bits. */
export interface Address {
  family: Family;
  value: bigint;
}

/**
 * Four decimal numbers without leading zeros, or RFC 4291 section 2.2 without a zone. null for any
 * other text.
 */
export function parseAddress(text: string): Address | null {
  const ipv4 = parseIpv4(text);
  if (ipv4.ok) return { family: 4, value: BigInt(ipv4.value) };
  const value = parseIpv6(text);
  return value === null ? null : { family: 6, value };
}

/** The canonical text; for IPv6 that of RFC 5952. */
export function formatAddress(family: Family, value: bigint): string {
  return family === 4 ? formatIpv4(Number(value)) : formatIpv6(value);
}

/** The address of 4 or 16 bytes in network order; null for another number of bytes. */
export function addressOfBytes(bytes: readonly number[]): Address | null {
  const family = ([4, 6] as const).find((each) => addressBits[each] === bytes.length * 8);
  if (family === undefined) return null;
  return { family, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) };
}

/** 4 or 16 bytes in network order. */
export function bytesOfAddress({ family, value }: Address): number[] {
  const bits = addressBits[family];
  return Array.from({ length: bits / 8 }, (_, index) =>
    Number((value >> BigInt(bits - 8 * (index + 1))) & 0xffn),
  );
}

const mappedStart = 0xffffn << 32n;

/**
 * The address, and its other form if it has one: an IPv4 address is also an IPv4-mapped IPv6 address
 * (RFC 4291 section 2.5.5.2).
 */
export function formsOf(address: Address): Address[] {
  const { family, value } = address;
  if (family === 4) return [address, { family: 6, value: mappedStart | value }];
  return value >> 32n === 0xffffn
    ? [address, { family: 4, value: value & 0xffff_ffffn }]
    : [address];
}
