import { addressBits, type Family, formatAddress } from "./address.ts";
import { firstOf, lastOf, type Prefix } from "./prefix.ts";

/**
 * Sets of addresses of both families as ranges. Nothing here makes a list of all addresses: an IPv6
 * network has more of them than any memory holds. In any order IPv4 comes before IPv6.
 */

/** Addresses from `first` to `last`, both included, as unsigned numbers. */
export interface AddressRange {
  family: Family;
  first: bigint;
  last: bigint;
}

/** All addresses of the prefix's network. */
export function rangeOf(prefix: Prefix): AddressRange {
  return { family: prefix.family, first: firstOf(prefix), last: lastOf(prefix) };
}

export function overlap(one: AddressRange, other: AddressRange): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last;
}

function byPlace(one: AddressRange, other: AddressRange): number {
  if (one.family !== other.family) return one.family - other.family;
  if (one.first === other.first) return 0;
  return one.first < other.first ? -1 : 1;
}

/** Sorted, without overlaps, neighbours joined. */
function mergeRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const merged: AddressRange[] = [];
  for (const { family, first, last } of [...ranges].sort(byPlace)) {
    const previous = merged.at(-1);
    if (previous?.family !== family || first > previous.last + 1n)
      merged.push({ family, first, last });
    else if (last > previous.last) previous.last = last;
  }
  return merged;
}

/** `ranges` without `exclusions`; sorted, without overlaps. */
export function subtractRanges(
  ranges: readonly AddressRange[],
  exclusions: readonly AddressRange[],
): AddressRange[] {
  const holes = mergeRanges(exclusions);
  const left: AddressRange[] = [];
  for (const range of mergeRanges(ranges)) {
    const { family, last } = range;
    let { first } = range;
    for (const hole of holes) {
      if (hole.family !== family || hole.last < first) continue;
      if (hole.first > last) break;
      if (hole.first > first) left.push({ family, first, last: hole.first - 1n });
      first = hole.last + 1n;
    }
    if (first <= last) left.push({ family, first, last });
  }
  return left;
}

/** How many different addresses, as a floating-point number: exact up to 2^53. */
export function countAddresses(ranges: readonly AddressRange[]): number {
  return Number(
    mergeRanges(ranges).reduce((count, { first, last }) => count + last - first + 1n, 0n),
  );
}

/** The fewest prefixes that hold exactly these addresses, as engines take them. */
export function* prefixesOf(ranges: readonly AddressRange[]): Generator<string> {
  for (const { family, first, last } of mergeRanges(ranges)) {
    for (let next = first; next <= last; ) {
      let hostBits = 0;
      while (
        hostBits < addressBits[family] &&
        (next >> BigInt(hostBits)) % 2n === 0n &&
        next + (2n << BigInt(hostBits)) - 1n <= last
      )
        hostBits++;
      const text = formatAddress(family, next);
      yield hostBits === 0 ? text : `${text}/${addressBits[family] - hostBits}`;
      next += 1n << BigInt(hostBits);
    }
  }
}

/** Every address once, ascending. */
export function* addressesOf(ranges: readonly AddressRange[]): Generator<string> {
  for (const { family, first, last } of mergeRanges(ranges))
    for (let next = first; next <= last; next++) yield formatAddress(family, next);
}

/**
 * The ranges cut into pieces of at most `size` addresses, ascending, each of one family: the shards
 * of a scan. Throws RangeError for a size below 1.
 */
export function* splitRanges(
  ranges: readonly AddressRange[],
  size: number,
): Generator<AddressRange[]> {
  if (!(size >= 1)) throw new RangeError("a piece holds at least one address");
  let piece: AddressRange[] = [];
  let room = BigInt(size);
  for (const { family, first: start, last: end } of mergeRanges(ranges)) {
    if (piece[0] && piece[0].family !== family) {
      yield piece;
      piece = [];
      room = BigInt(size);
    }
    for (let first = start; first <= end; ) {
      const last = end - first < room ? end : first + room - 1n;
      piece.push({ family, first, last });
      room -= last - first + 1n;
      first = last + 1n;
      if (room > 0n) continue;
      yield piece;
      piece = [];
      room = BigInt(size);
    }
  }
  if (piece.length > 0) yield piece;
}
