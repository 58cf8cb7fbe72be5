import { type Fact, fact } from "../messages/facts.ts";
import { parseIpv4 } from "./ipv4.ts";

/** IPv6 addresses as unsigned 128 bit numbers: just the arithmetic that settings need. */

const groupCount = 8;

/**
 * RFC 4291, section 2.2, without a zone (`%eth0`), which would be another machine's name for an
 * interface. Null when it is no address.
 */
export function parseIpv6(text: string): bigint | null {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted ? parseIpv4(dotted[2] ?? "") : null;
  if (tail !== null && !tail.ok) return null;
  const plain =
    tail === null
      ? text
      : `${dotted?.[1] ?? ""}${(tail.value >>> 16).toString(16)}:${(tail.value & 0xffff).toString(16)}`;
  const halves = plain.split("::");
  if (halves.length > 2) return null;
  const [before = [], after = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = groupCount - before.length - after.length;
  // A double colon stands for one group at least.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  let value = 0n;
  for (const group of [...before, ...Array.from({ length: missing }, () => "0"), ...after]) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return null;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return value;
}

/** As RFC 5952 writes it. */
export function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: groupCount }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  let [start, length] = [0, 0];
  for (const at of groups.keys()) {
    let end = at;
    while (groups[end] === 0) end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  const write = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  // A single zero group is not shortened (section 4.2.2).
  return length < 2
    ? write(groups)
    : `${write(groups.slice(0, start))}::${write(groups.slice(start + length))}`;
}

export function networkOf6(address: bigint, prefix: number): bigint {
  const hostBits = BigInt(128 - prefix);
  return (address >> hostBits) << hostBits;
}

const within = (address: bigint, network: string, prefix: number) =>
  networkOf6(address, prefix) === parseIpv6(network);

/** fe80::/10: valid on one link only. */
export function isLinkLocal(address: bigint): boolean {
  return within(address, "fe80::", 10);
}

/** Why an address can belong to no machine, or null when it can (RFC 4291, section 2; RFC 6890). */
export function unusableBecause6(address: bigint): Fact | null {
  if (address === 0n) return fact("is-unspecified");
  if (address === 1n) return fact("is-itself");
  if (within(address, "ff00::", 8)) return fact("is-multicast");
  if (within(address, "::ffff:0:0", 96)) return fact("is-mapped");
  if (within(address, "::", 96)) return fact("is-compatible");
  if (within(address, "fec0::", 10)) return fact("is-site-local");
  return null;
}
