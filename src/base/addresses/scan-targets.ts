import { describeFacts, type Fact, fact } from "../messages/facts.ts";
import { type Address, addressBits, type Family, formatAddress, parseAddress } from "./address.ts";
import { formatNetwork, parsePrefix, prefixOfAddress } from "./prefix.ts";
import { type AddressRange, addressesOf, overlap, rangeOf, subtractRanges } from "./ranges.ts";
import { isName, lengthOfNetmask, plainTarget, splitTargets } from "./target-spelling.ts";

/**
 * The targets of a scan: addresses, prefixes in CIDR form, and IPv4 ranges `first-last`, in the
 * spellings of target-spelling.ts. The platform refuses targets that cannot be scanned; the agent
 * does not trust it and checks again.
 */

export interface ScanTarget extends AddressRange {
  /**
   * In canonical form: a prefix without host bits, a range with full addresses, a single address
   * alone.
   */
  text: string;
}

export interface Refusal {
  ok: false;
  /** It completes a sentence that begins with the typed text: "cannot be scanned: ...". */
  reason: Fact;
  /** The reason in English. */
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
 * 256 of IPv6. An IPv6 network has too many addresses to try each.
 */
const shortestPrefix = { 4: 16, 6: 120 } as const satisfies Record<Family, number>;
const longestRange = 2n ** BigInt(addressBits[4] - shortestPrefix[4]);
/** All targets of one scan together, exclusions taken off. */
export const mostAddresses = 2 ** 20;

/** Networks that hold no host that could be scanned (RFC 6890, RFC 4291). */
const neverScanned: readonly (AddressRange & { reason: Fact })[] = [
  refusal("0.0.0.0/8", fact("never-this-network")),
  refusal("127.0.0.0/8", fact("never-loopback")),
  refusal("169.254.0.0/16", fact("never-link-local-4")),
  refusal("224.0.0.0/4", fact("never-multicast")),
  refusal("240.0.0.0/4", fact("never-reserved")),
  refusal("::/96", fact("never-unspecified")),
  refusal("::ffff:0:0/96", fact("never-mapped")),
  refusal("fe80::/10", fact("never-link-local")),
  refusal("fec0::/10", fact("never-site-local")),
  refusal("ff00::/8", fact("never-multicast-6")),
];

function refusal(network: string, reason: Fact): AddressRange & { reason: Fact } {
  const prefix = parsePrefix(network);
  if (!prefix) throw new TypeError(`${network} is no network`);
  return { ...rangeOf(prefix), reason };
}

export function parseTarget(typed: string): ParsedTarget {
  const parsed = parseAny(typed);
  if (!parsed.ok) return parsed;
  const { target, length } = parsed;
  const { family, first, last } = target;
  if (length === null && last - first + 1n > longestRange)
    return refuse(fact("target-range-large", { most: Number(longestRange) }));
  // For a network that is both too large and never scanned, the second reason helps more.
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

/**
 * A target that a plan has: neighbouring targets are joined there, so that a prefix may be larger
 * than one that an operator types.
 */
function parsePlannedTarget(text: string): ParsedTarget {
  const parsed = parseAny(text);
  if (!parsed.ok) return parsed;
  const { target } = parsed;
  const never = neverScanned.find((network) => overlap(network, target));
  return never ? refuse(never.reason) : { ok: true, target };
}

/** An exclusion may be of any size, and of any kind of address. */
export function parseExclusion(typed: string): ParsedTarget {
  const parsed = parseAny(typed);
  if (!parsed.ok) return parsed;
  const { target } = parsed;
  // No host's address: a network was taken apart, and less would be excluded than is meant.
  const isMask = (lengthOfNetmask(target.text) ?? 32) < 32 || target.text.startsWith("0.");
  if (target.first === target.last && isMask) return refuse(fact("target-mask-alone"));
  return target.first === target.last && mapped && overlap(mapped, target)
    ? refuse(mapped.reason)
    : { ok: true, target };
}

const mapped = neverScanned.find(({ reason }) => reason.code === "never-mapped");

/** All targets in canonical form, each once; or all problems. Each text may hold several targets. */
export function parseTargets(texts: readonly string[]): ParsedTargets {
  return parseAll(texts, parseTarget);
}

export function parseExclusions(texts: readonly string[]): ParsedTargets {
  return parseAll(texts, parseExclusion);
}

function parseAll(texts: readonly string[], parse: (text: string) => ParsedTarget): ParsedTargets {
  const targets = new Map<string, ScanTarget>();
  const problems: TargetProblem[] = [];
  const pieces = texts.flatMap((typed, index) => {
    const listed = splitTargets(typed);
    // An empty entry is refused, not overlooked.
    return (listed.length > 0 ? listed : [typed]).map((text) => ({ text, index }));
  });
  for (const { text, index } of pieces) {
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
 * for a text that is no target.
 */
export function* expandTargets(
  targets: readonly string[],
  exclusions: readonly string[],
): Generator<string> {
  yield* addressesOf(rangesToScan(targets, exclusions));
}

/** Targets without exclusions, as ranges. Throws RangeError for a text that is no target. */
export function rangesToScan(
  targets: readonly string[],
  exclusions: readonly string[],
): AddressRange[] {
  return subtractRanges(required(parseTargets(targets)), required(parseExclusions(exclusions)));
}

/**
 * The targets of a shard's plan without exclusions, as ranges: their number is bounded by the plan,
 * not by what an operator may type. Throws RangeError for a text that is no target.
 */
export function plannedRanges(
  targets: readonly string[],
  exclusions: readonly string[],
): AddressRange[] {
  return subtractRanges(
    required(parseAll(targets, parsePlannedTarget)),
    required(parseExclusions(exclusions)),
  );
}

function required(parsed: ParsedTargets): ScanTarget[] {
  if (!parsed.ok)
    throw new RangeError(
      parsed.problems.map(({ text, message }) => `${text} ${message}`).join("; "),
    );
  return parsed.targets;
}

/** `length` is that of a prefix, and null for a range. */
type Read = { ok: true; target: ScanTarget; length: number | null } | Refusal;

function parseAny(typed: string): Read {
  const text = plainTarget(typed);
  const range = /^([\da-f:.]+)-([\da-f:.]+)$/i.exec(text);
  if (range?.[1] !== undefined && range[2] !== undefined) return parseRange(range[1], range[2]);
  const prefix = /^([\da-f:.]+)\/(0|[1-9]\d{0,2})$/i.exec(text);
  if (prefix?.[1] !== undefined && prefix[2] !== undefined)
    return parseNetwork(prefix[1], Number(prefix[2]));
  const masked = /^([\d.]+)\/(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (masked?.[1] !== undefined && masked[2] !== undefined) {
    const length = lengthOfNetmask(masked[2]);
    return length === null ? refuse(fact("target-netmask")) : parseNetwork(masked[1], length);
  }
  if (/^[\da-f:.]+%/i.test(text)) return refuse(fact("target-zone"));
  const address = parseAddress(text);
  if (address !== null) return alone(address);
  if (/^[\d.*-]+$/.test(text) && /[*-]/.test(text)) return refuse(fact("target-octets"));
  return refuse(fact(isName(text) ? "target-name" : "target-malformed"));
}

function parseNetwork(text: string, length: number): Read {
  const address = parseAddress(text);
  if (address === null) return refuse(fact("target-prefix-start"));
  const most = addressBits[address.family];
  if (length > most) return refuse(fact("target-prefix-length", { most }));
  if (length === most) return alone(address);
  const prefix = { ...prefixOfAddress(address), length };
  return { ok: true, length, target: { ...rangeOf(prefix), text: formatNetwork(prefix) } };
}

function parseRange(firstText: string, lastText: string): Read {
  if (firstText.includes(":") || lastText.includes(":")) return refuse(fact("target-range-6"));
  const first = parseAddress(firstText);
  if (first === null)
    return refuse(fact(/^[\d.]+$/.test(firstText) ? "target-octets" : "target-range-start"));
  const last = parseAddress(lastText);
  if (last === null) return refuse(fact("target-range-end"));
  if (last.value < first.value) return refuse(fact("target-range-order"));
  if (first.value === last.value) return alone(first);
  const text = `${formatAddress(4, first.value)}-${formatAddress(4, last.value)}`;
  return {
    ok: true,
    length: null,
    target: { family: 4, first: first.value, last: last.value, text },
  };
}

function alone({ family, value }: Address): Read {
  return {
    ok: true,
    length: addressBits[family],
    target: { family, first: value, last: value, text: formatAddress(family, value) },
  };
}

function refuse(reason: Fact): Refusal {
  return { ok: false, reason, message: describeFacts([reason]) ?? "" };
}
