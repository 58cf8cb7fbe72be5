/**
 * The targets of a scan: IPv4 addresses, prefixes in CIDR form, and ranges `first-last`. Pure, and shared by the platform (which
 * refuses what cannot be scanned) and the agent (which trusts nobody and checks again). Nothing here makes a list of all
 * addresses: sets of addresses are kept as ranges, and `expandTargets` gives one address at a time.
 */

/** Addresses from `first` to `last`, both included, as unsigned 32 bit numbers. */
export interface AddressRange {
  first: number;
  last: number;
}

export interface ScanTarget extends AddressRange {
  /** The one way to write it: a prefix without host bits, a range with full addresses, a single address alone. */
  text: string;
}

export type ParsedTarget = { ok: true; target: ScanTarget } | { ok: false; message: string };

export interface TargetProblem {
  /** Position in the list that was given, from 0. */
  index: number;
  text: string;
  message: string;
}

export type ParsedTargets = { ok: true; targets: ScanTarget[] } | { ok: false; problems: TargetProblem[] };

/** The shortest prefix of one target, and so also the longest range: 65,536 addresses. */
const shortestPrefix = 16;
const longestRange = 2 ** (32 - shortestPrefix);
/** All targets of one scan together, exclusions taken off. */
export const mostAddresses = 2 ** 20;

/** Ranges that are never a host on a network (RFC 6890): "this network", multicast, reserved. */
const neverScanned: readonly (AddressRange & { reason: string })[] = [
  { first: 0, last: 0x00ff_ffff, reason: "0.0.0.0/8 is not a network with hosts" },
  { first: 0xe000_0000, last: 0xefff_ffff, reason: "224.0.0.0/4 is multicast" },
  { first: 0xf000_0000, last: 0xffff_ffff, reason: "240.0.0.0/4 is reserved" },
];

/** Four decimal octets without leading zeros, which some programs read as octal. */
export function parseAddress(text: string): number | null {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (!octets) return null;
  let address = 0;
  for (const octet of octets) {
    if (Number(octet) > 255 || (octet.length > 1 && octet.startsWith("0"))) return null;
    address = address * 256 + Number(octet);
  }
  return address;
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

export function parseTarget(typed: string): ParsedTarget {
  const text = typed.trim();
  // Spaces around the hyphen are how people write ranges.
  const range = /^([\d.]+)\s*-\s*([\d.]+)$/.exec(text);
  if (range?.[1] !== undefined && range[2] !== undefined) return parseRange(range[1], range[2]);
  const prefix = /^([\d.]+)\/(\d{1,3})$/.exec(text);
  if (prefix?.[1] !== undefined && prefix[2] !== undefined) return parsePrefix(prefix[1], Number(prefix[2]));
  const address = parseAddress(text);
  if (address === null) return { ok: false, message: "is not an IPv4 address, a prefix like 192.0.2.0/24 or a range like 192.0.2.10-192.0.2.20" };
  return scannable({ first: address, last: address, text: formatAddress(address) });
}

/** All targets in their canonical form, repeated ones only once; or every problem, not only the first. */
export function parseTargets(texts: readonly string[]): ParsedTargets {
  const targets = new Map<string, ScanTarget>();
  const problems: TargetProblem[] = [];
  for (const [index, text] of texts.entries()) {
    const parsed = parseTarget(text);
    if (parsed.ok) targets.set(parsed.target.text, parsed.target);
    else problems.push({ index, text, message: parsed.message });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, targets: [...targets.values()] };
}

/** Sorted, without overlaps, neighbours joined. */
function mergeRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const merged: AddressRange[] = [];
  for (const { first, last } of [...ranges].sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous && first <= previous.last + 1) previous.last = Math.max(previous.last, last);
    else merged.push({ first, last });
  }
  return merged;
}

/** What is in `ranges` and not in `exclusions`; sorted, without overlaps. */
export function subtractRanges(ranges: readonly AddressRange[], exclusions: readonly AddressRange[]): AddressRange[] {
  const holes = mergeRanges(exclusions);
  const left: AddressRange[] = [];
  for (const range of mergeRanges(ranges)) {
    let first = range.first;
    for (const hole of holes) {
      if (hole.last < first) continue;
      if (hole.first > range.last) break;
      if (hole.first > first) left.push({ first, last: hole.first - 1 });
      first = hole.last + 1;
    }
    if (first <= range.last) left.push({ first, last: range.last });
  }
  return left;
}

/** How many addresses; those in several ranges count once. */
export function countAddresses(ranges: readonly AddressRange[]): number {
  return mergeRanges(ranges).reduce((count, { first, last }) => count + last - first + 1, 0);
}

/** The fewest prefixes that hold exactly these addresses, as engines take them. */
export function* prefixesOf(ranges: readonly AddressRange[]): Generator<string> {
  for (const { first, last } of mergeRanges(ranges)) {
    for (let next = first; next <= last; ) {
      let size = 1;
      while (next % (size * 2) === 0 && next + size * 2 - 1 <= last && size < 2 ** 31) size *= 2;
      yield size === 1 ? formatAddress(next) : `${formatAddress(next)}/${32 - Math.log2(size)}`;
      next += size;
    }
  }
}

/** Every address once, ascending. */
export function* addressesOf(ranges: readonly AddressRange[]): Generator<string> {
  for (const { first, last } of mergeRanges(ranges)) for (let address = first; address <= last; address++) yield formatAddress(address);
}

/** The ranges cut into pieces of at most `size` addresses, ascending: the shards of a scan. */
export function* splitRanges(ranges: readonly AddressRange[], size: number): Generator<AddressRange[]> {
  if (!(size >= 1)) throw new RangeError("a piece holds at least one address");
  let piece: AddressRange[] = [];
  let room = size;
  for (const range of mergeRanges(ranges)) {
    for (let { first } = range; first <= range.last; ) {
      const last = Math.min(range.last, first + room - 1);
      piece.push({ first, last });
      room -= last - first + 1;
      first = last + 1;
      if (room > 0) continue;
      yield piece;
      piece = [];
      room = size;
    }
  }
  if (piece.length > 0) yield piece;
}

/** The addresses to scan, one at a time: targets without exclusions, ascending. Throws RangeError for texts that were not checked. */
export function* expandTargets(targets: readonly string[], exclusions: readonly string[]): Generator<string> {
  yield* addressesOf(rangesToScan(targets, exclusions));
}

/** Targets without exclusions, as ranges. Throws RangeError for texts that were not checked. */
export function rangesToScan(targets: readonly string[], exclusions: readonly string[]): AddressRange[] {
  return subtractRanges(requireTargets(targets), requireTargets(exclusions));
}

function requireTargets(texts: readonly string[]): ScanTarget[] {
  const parsed = parseTargets(texts);
  if (!parsed.ok) throw new RangeError(parsed.problems.map(({ text, message }) => `${text} ${message}`).join("; "));
  return parsed.targets;
}

function parsePrefix(addressText: string, length: number): ParsedTarget {
  const address = parseAddress(addressText);
  if (address === null) return { ok: false, message: "does not begin with an IPv4 address" };
  if (length > 32) return { ok: false, message: "has a prefix length above 32" };
  if (length < shortestPrefix) return { ok: false, message: `is too large: the prefix length must be ${shortestPrefix} to 32` };
  const size = 2 ** (32 - length);
  const first = address - (address % size);
  return scannable({ first, last: first + size - 1, text: length === 32 ? formatAddress(first) : `${formatAddress(first)}/${length}` });
}

function parseRange(firstText: string, lastText: string): ParsedTarget {
  const first = parseAddress(firstText);
  if (first === null) return { ok: false, message: "does not begin with an IPv4 address" };
  const last = parseAddress(lastText);
  if (last === null) return { ok: false, message: "does not end with a full IPv4 address" };
  if (last < first) return { ok: false, message: "ends before it begins" };
  if (last - first + 1 > longestRange) return { ok: false, message: `is too large: a range holds at most ${longestRange} addresses` };
  return scannable({ first, last, text: first === last ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}` });
}

function scannable(target: ScanTarget): ParsedTarget {
  const refusal = neverScanned.find(({ first, last }) => first <= target.last && target.first <= last);
  return refusal ? { ok: false, message: `cannot be scanned: ${refusal.reason}` } : { ok: true, target };
}
