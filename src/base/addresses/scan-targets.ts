import { type Fact, fact, tellFacts } from "../messages/facts.ts";
import {
  type AddressRange,
  addressBits,
  addressesOf,
  type Family,
  formatAddress,
  overlap,
  parseAddress,
  rangeOfPrefix,
  subtractRanges,
} from "./ranges.ts";

/**
 * The targets of a scan: addresses, prefixes in CIDR form, and IPv4 ranges `first-last`. Pure, and
 * shared by the platform (which refuses what cannot be scanned) and the agent (which trusts nobody
 * and checks again).
 */

export interface ScanTarget extends AddressRange {
  /**
   * The one way to write it: a prefix without host bits, a range with full addresses, a single
   * address alone.
   */
  text: string;
}

/** What is not one, and why, as it stands behind its text: "is multicast". */
export interface Refusal {
  ok: false;
  reason: Fact;
  /** The same in English. */
  message: string;
}

export type ParsedTarget = { ok: true; target: ScanTarget } | Refusal;

export interface TargetProblem {
  /** Position in the list that was given, from 0. */
  index: number;
  text: string;
  message: string;
}

export type ParsedTargets =
  | { ok: true; targets: ScanTarget[] }
  | { ok: false; problems: TargetProblem[] };

/**
 * The shortest prefix of one target: 65,536 addresses of IPv4, which is also the longest range, and
 * 256 of IPv6, whose networks are too wide for looking at every address.
 */
const shortestPrefix = { 4: 16, 6: 120 } as const satisfies Record<Family, number>;
const longestRange = 2n ** BigInt(addressBits[4] - shortestPrefix[4]);
/** All targets of one scan together, exclusions taken off. */
export const mostAddresses = 2 ** 20;

/** Networks that hold no host that could be scanned (RFC 6890, RFC 4291). */
const neverScanned: readonly (AddressRange & { reason: Fact })[] = [
  refusal("0.0.0.0", 8, fact("never-this-network")),
  refusal("224.0.0.0", 4, fact("never-multicast")),
  refusal("240.0.0.0", 4, fact("never-reserved")),
  refusal("::", 96, fact("never-unspecified")),
  refusal("::ffff:0:0", 96, fact("never-mapped")),
  refusal("fe80::", 10, fact("never-link-local")),
  refusal("fec0::", 10, fact("never-site-local")),
  refusal("ff00::", 8, fact("never-multicast-6")),
];

function refusal(network: string, length: number, reason: Fact): AddressRange & { reason: Fact } {
  const parsed = parseAddress(network);
  if (!parsed) throw new TypeError(`${network} is no address`);
  return { ...rangeOfPrefix(parsed.family, parsed.value, length), reason };
}

export function parseTarget(typed: string): ParsedTarget {
  const parsed = parseAny(typed);
  if (!parsed.ok) return parsed;
  const { target, length } = parsed;
  const { family, first, last } = target;
  if (length === null && last - first + 1n > longestRange)
    return refuse(fact("target-range-large", { most: Number(longestRange) }));
  // Of what is both, the kind of address is the more telling.
  const never = neverScanned.find((network) => overlap(network, target));
  if (
    length !== null &&
    length < shortestPrefix[family] &&
    !(never && never.first <= first && last <= never.last)
  )
    return refuse(
      fact(family === 6 ? "target-large-6" : "target-large", {
        least: shortestPrefix[family],
        most: addressBits[family],
      }),
    );
  return never ? refuse(never.reason) : { ok: true, target };
}

/** What is never scanned may be as large as one likes, and of any kind. */
export function parseExclusion(typed: string): ParsedTarget {
  const parsed = parseAny(typed);
  return parsed.ok ? { ok: true, target: parsed.target } : parsed;
}

/**
 * All targets in their canonical form, repeated ones only once; or every problem, not only the
 * first.
 */
export function parseTargets(texts: readonly string[]): ParsedTargets {
  return parseAll(texts, parseTarget);
}

export function parseExclusions(texts: readonly string[]): ParsedTargets {
  return parseAll(texts, parseExclusion);
}

function parseAll(texts: readonly string[], parse: (text: string) => ParsedTarget): ParsedTargets {
  const targets = new Map<string, ScanTarget>();
  const problems: TargetProblem[] = [];
  for (const [index, text] of texts.entries()) {
    const parsed = parse(text);
    if (parsed.ok) targets.set(parsed.target.text, parsed.target);
    else problems.push({ index, text, message: parsed.message });
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, targets: [...targets.values()] };
}

/**
 * The addresses to scan, one at a time: targets without exclusions, ascending. Throws RangeError
 * for texts that were not checked.
 */
export function* expandTargets(
  targets: readonly string[],
  exclusions: readonly string[],
): Generator<string> {
  yield* addressesOf(rangesToScan(targets, exclusions));
}

/** Targets without exclusions, as ranges. Throws RangeError for texts that were not checked. */
export function rangesToScan(
  targets: readonly string[],
  exclusions: readonly string[],
): AddressRange[] {
  return subtractRanges(required(parseTargets(targets)), required(parseExclusions(exclusions)));
}

function required(parsed: ParsedTargets): ScanTarget[] {
  if (!parsed.ok)
    throw new RangeError(
      parsed.problems.map(({ text, message }) => `${text} ${message}`).join("; "),
    );
  return parsed.targets;
}

/** `length` is null for a range. */
type Read = { ok: true; target: ScanTarget; length: number | null } | Refusal;

function parseAny(typed: string): Read {
  const text = typed.trim();
  // Spaces around the hyphen are how people write ranges.
  const range = /^([\da-f:.]+)\s*-\s*([\da-f:.]+)$/i.exec(text);
  if (range?.[1] !== undefined && range[2] !== undefined) return parseRange(range[1], range[2]);
  const prefix = /^([\da-f:.]+)\/(\d{1,3})$/i.exec(text);
  if (prefix?.[1] !== undefined && prefix[2] !== undefined)
    return parsePrefix(prefix[1], Number(prefix[2]));
  if (/^[\da-f:.]+%/i.test(text)) return refuse(fact("target-zone"));
  const address = parseAddress(text);
  if (address === null) return refuse(fact("target-malformed"));
  return alone(address.family, address.value);
}

function parsePrefix(text: string, length: number): Read {
  const address = parseAddress(text);
  if (address === null) return refuse(fact("target-prefix-start"));
  const { family, value } = address;
  if (length > addressBits[family])
    return refuse(fact("target-prefix-length", { most: addressBits[family] }));
  if (length === addressBits[family]) return alone(family, value);
  const range = rangeOfPrefix(family, value, length);
  return {
    ok: true,
    length,
    target: { ...range, text: `${formatAddress(family, range.first)}/${length}` },
  };
}

function parseRange(firstText: string, lastText: string): Read {
  if (firstText.includes(":") || lastText.includes(":")) return refuse(fact("target-range-6"));
  const first = parseAddress(firstText);
  if (first === null) return refuse(fact("target-range-start"));
  const last = parseAddress(lastText);
  if (last === null) return refuse(fact("target-range-end"));
  if (last.value < first.value) return refuse(fact("target-range-order"));
  if (first.value === last.value) return alone(4, first.value);
  const text = `${formatAddress(4, first.value)}-${formatAddress(4, last.value)}`;
  return {
    ok: true,
    length: null,
    target: { family: 4, first: first.value, last: last.value, text },
  };
}

function alone(family: Family, value: bigint): Read {
  return {
    ok: true,
    length: addressBits[family],
    target: { family, first: value, last: value, text: formatAddress(family, value) },
  };
}

function refuse(reason: Fact): Refusal {
  return { ok: false, reason, message: tellFacts([reason]) ?? "" };
}
