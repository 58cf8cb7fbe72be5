import { type Fact, fact } from "../messages/facts.ts";
/** IPv4 addresses as unsigned 32 bit numbers: just the arithmetic that settings need. */

export type ParsedAddress =
  | { ok: true; value: number }
  | { ok: false; code: "address-malformed" | "address-leading-zero" };

/**
 * Four decimal numbers. A leading zero is refused, not read: inet_aton(3) takes it as octal and
 * other readers as decimal, so that the same text would mean two machines.
 */
export function parseIpv4(text: string): ParsedAddress {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return { ok: false, code: "address-malformed" };
  let value = 0;
  let leadingZero = false;
  for (const part of text.split(".")) {
    const number = Number(part);
    if (number > 255) return { ok: false, code: "address-malformed" };
    if (part.length > 1 && part.startsWith("0")) leadingZero = true;
    value = value * 256 + number;
  }
  return leadingZero ? { ok: false, code: "address-leading-zero" } : { ok: true, value };
}

export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}

export function maskOf(prefix: number): number {
  return prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
}

/** The prefix length of a mask as 255.255.255.0, or null when its ones are not all on the left. */
export function prefixOfMask(mask: number): number | null {
  for (let prefix = 0; prefix <= 32; prefix++) if (maskOf(prefix) === mask) return prefix;
  return null;
}

export function networkOf(address: number, prefix: number): number {
  return (address & maskOf(prefix)) >>> 0;
}

export function broadcastOf(address: number, prefix: number): number {
  return (address | ~maskOf(prefix)) >>> 0;
}

/**
 * Why an address can belong to no machine, or null when it can (IANA's special-purpose registry,
 * RFC 1112, RFC 6890).
 */
export function unusableBecause(address: number): Fact | null {
  const first = address >>> 24;
  if (address === 0xffffffff) return fact("is-broadcast");
  if (first === 0) return fact("is-this-network");
  if (first === 127) return fact("is-loopback");
  if (first >= 224 && first < 240) return fact("is-multicast");
  if (first >= 240) return fact("is-reserved");
  return null;
}

/** A host address of the network other than `taken`, as an example for people. */
export function exampleHost(
  address: number,
  prefix: number,
  taken: number | null,
  offset = 1,
): string {
  const network = networkOf(address, prefix);
  if (prefix === 32) return formatIpv4(network);
  const first = prefix === 31 ? network : network + 1;
  const last = prefix === 31 ? network + 1 : broadcastOf(address, prefix) - 1;
  let candidate = Math.min(Math.max(network + offset, first), last);
  if (candidate === taken) candidate = candidate < last ? candidate + 1 : first;
  return formatIpv4(candidate >>> 0);
}
