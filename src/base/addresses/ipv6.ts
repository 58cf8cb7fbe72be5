import { parseIpv4 } from "./ipv4.ts";

/** IPv6 addresses as text, and as unsigned numbers of 128 bits. */

const groupCount = 8;

/**
 * RFC 4291 section 2.2, without a zone (`%eth0`), which names an interface of one machine. null when
 * it is no address.
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
  // A double colon stands for at least one group (RFC 4291 section 2.2, form 2).
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  let value = 0n;
  for (const group of [...before, ...Array.from({ length: missing }, () => "0"), ...after]) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return null;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return value;
}

/** The canonical text (RFC 5952 section 4), without the mixed notation of section 5. */
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
  // RFC 5952 section 4.2.2: do not shorten a single zero group.
  return length < 2
    ? write(groups)
    : `${write(groups.slice(0, start))}::${write(groups.slice(start + length))}`;
}

/** fe80::/10: valid on one link only (RFC 4291 section 2.5.6). */
export function isLinkLocal(address: bigint): boolean {
  return address >> 118n === 0xfe80n >> 6n;
}
