import { type Family, formatAddress } from "../../base/addresses/address.ts";
import { formatIpv4, parseIpv4 } from "../../base/addresses/ipv4.ts";
import { formatIpv6, isLinkLocal, parseIpv6 } from "../../base/addresses/ipv6.ts";
import {
  contains,
  firstOf,
  formatNetwork,
  lastOf,
  lengthOfMask,
  type Prefix,
  parsePrefix,
  prefixOfAddress,
} from "../../base/addresses/prefix.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { type FieldValue, quoted, right, wrong } from "./field-value.ts";

/** An address of one family, as every reader of it writes it. */
export function parseAddress(
  text: string,
  family: 4 | 6 | "either",
): FieldValue<{ family: 4 | 6; address: bigint; text: string }> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  const sixth = typed.includes(":");
  if (family === 4 && sixth)
    return wrong("address-other-family", { value: quoted(typed), family: "IPv6", wanted: "IPv4" });
  if (sixth) {
    const address = parseIpv6(typed);
    const zoneless = address === null ? parseIpv6(typed.replace(/%[^%]*$/, "")) : null;
    // RFC 4007, section 11: the zone's name has a meaning on its own machine only.
    if (zoneless !== null)
      return wrong("address6-zone", { value: quoted(typed), suggestion: formatIpv6(zoneless) });
    return address === null
      ? wrong("address6-malformed", { value: quoted(typed) })
      : right({ family: 6, address, text: formatIpv6(address) });
  }
  const parsed = parseIpv4(typed);
  if (family === 6)
    return parsed.ok
      ? wrong("address-other-family", { value: typed, family: "IPv4", wanted: "IPv6" })
      : wrong("address6-malformed", { value: quoted(typed) });
  return parsed.ok
    ? right({ family: 4, address: BigInt(parsed.value), text: formatIpv4(parsed.value) })
    : wrong(parsed.code, { value: quoted(typed) });
}

/** RFC 6890, RFC 1112 section 4, RFC 4291 section 2.5, RFC 3879 (site-local). */
const unusableNetworks: readonly (readonly [network: Prefix, reason: Fact])[] = [
  unusableNetwork("255.255.255.255", fact("is-broadcast")),
  unusableNetwork("0.0.0.0/8", fact("is-this-network")),
  unusableNetwork("127.0.0.0/8", fact("is-loopback")),
  unusableNetwork("224.0.0.0/4", fact("is-multicast")),
  unusableNetwork("240.0.0.0/4", fact("is-reserved")),
  unusableNetwork("::", fact("is-unspecified")),
  unusableNetwork("::1", fact("is-itself")),
  unusableNetwork("ff00::/8", fact("is-multicast")),
  unusableNetwork("::ffff:0:0/96", fact("is-mapped")),
  unusableNetwork("::/96", fact("is-compatible")),
  unusableNetwork("fec0::/10", fact("is-site-local")),
];

function unusableNetwork(text: string, reason: Fact): readonly [Prefix, Fact] {
  const network = parsePrefix(text);
  if (!network) throw new TypeError(`${text} is no network`);
  return [network, reason];
}

/** Why an address can belong to no machine, or null when it can. */
export function unusable(family: Family, address: bigint): Fact | null {
  const alone = prefixOfAddress({ family, value: address });
  return unusableNetworks.find(([network]) => contains(network, alone))?.[1] ?? null;
}

/** An own address with its network; `text` is as netplan takes it: 192.0.2.10/24. */
export type OwnAddress = Prefix & { text: string };

/** `192.0.2.10/24`, `192.0.2.10 255.255.255.0`, `192.0.2.10/255.255.255.0`; `2001:db8::10/64`. */
export function parseOwnAddress(text: string, family: 4 | 6): FieldValue<OwnAddress> {
  const split = splitMask(text, family);
  if (!split.ok) return split;
  const { address, length } = split.value;
  const value = formatAddress(family, address);
  const reason =
    family === 6 && isLinkLocal(address) ? fact("is-link-local") : unusable(family, address);
  if (reason !== null)
    return wrong(family === 4 ? "address-not-usable" : "address6-not-usable", { value }, reason);
  const reserved = reservedIn(split.value, address);
  if (reserved !== null)
    return wrong(`address-is-${reserved}`, {
      value,
      suggestion: `${neighbourIn(split.value, null, 10)}/${length}`,
    });
  return right({ ...split.value, text: `${value}/${length}` });
}

/** A network as `10.0.0.0/8`, `10.0.0.0 255.0.0.0`, `2001:db8::/32`, canonical. */
export function parseNetwork(text: string): FieldValue<Prefix & { text: string }> {
  const family = text.includes(":") ? 6 : 4;
  if (/^\s*default\s*$/i.test(text)) return wrong("route-is-default");
  const split = splitMask(text, family, 0);
  if (!split.ok)
    return split.code === "required"
      ? split
      : wrong("network-malformed", { value: quoted(text.trim()) });
  const prefix = split.value;
  if (prefix.length === 0) return wrong("route-is-default");
  if (firstOf(prefix) !== prefix.address)
    return wrong("network-has-host", {
      value: `${formatAddress(family, prefix.address)}/${prefix.length}`,
      suggestion: formatNetwork(prefix),
    });
  const reason = unusable(family, prefix.address);
  if (reason !== null) return wrong("network-not-usable", { value: formatNetwork(prefix) }, reason);
  return right({ ...prefix, text: formatNetwork(prefix) });
}

function splitMask(text: string, family: 4 | 6, shortest = 1): FieldValue<Prefix> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  const [, host, mask] = /^([^\s/]*)(?:\s*\/\s*|\s+)(.*)$/.exec(typed) ?? [
    undefined,
    typed,
    undefined,
  ];
  const parsed = parseAddress(host ?? "", family);
  if (!parsed.ok)
    return parsed.code === "required"
      ? wrong(family === 4 ? "address-malformed" : "address6-malformed", { value: quoted(typed) })
      : parsed;
  if (mask === undefined || mask === "")
    return wrong(family === 4 ? "prefix-missing" : "prefix6-missing", { value: parsed.value.text });
  const length = parseLength(mask, family, shortest);
  if (length === null)
    return wrong(family === 4 ? "prefix-malformed" : "prefix6-malformed", { value: quoted(mask) });
  return right({ family, address: parsed.value.address, length });
}

function parseLength(text: string, family: 4 | 6, shortest: number): number | null {
  if (/^\d{1,3}$/.test(text)) {
    const length = Number(text);
    return length >= shortest && length <= (family === 4 ? 32 : 128) ? length : null;
  }
  const mask = family === 4 ? parseIpv4(text) : null;
  if (!mask?.ok) return null;
  const length = lengthOfMask(mask.value);
  return length === null || length < shortest ? null : length;
}

/**
 * Which end of the network an address is, where that belongs to no machine. Both addresses of a /31
 * are machines' (RFC 3021), and a /32 has no other. The first address of an IPv6 network is every
 * router's (RFC 4291 section 2.6.1), but for point-to-point links (RFC 6164).
 */
export function reservedIn(prefix: Prefix, address: bigint): "network" | "broadcast" | null {
  const { family, length } = prefix;
  if (length >= (family === 4 ? 31 : 127)) return null;
  if (family === 6) return firstOf({ ...prefix, address }) === address ? "network" : null;
  if (address === firstOf(prefix)) return "network";
  return address === lastOf(prefix) ? "broadcast" : null;
}

/** A machine's address of the network other than `taken`, as an example for people. */
export function neighbourIn(prefix: Prefix, taken: bigint | null, offset = 1): string {
  const { family, length } = prefix;
  const [start, end] = [firstOf(prefix), lastOf(prefix)];
  if (family === 6 && length >= 127)
    return formatAddress(family, start ^ (taken === start ? 1n : 0n));
  const isPair = length >= 31 && family === 4;
  const first = isPair ? start : start + 1n;
  const last = isPair || family === 6 ? end : end - 1n;
  let candidate = start + BigInt(offset);
  if (candidate < first) candidate = first;
  if (candidate > last) candidate = last;
  if (candidate === taken) candidate = candidate < last ? candidate + 1n : first;
  return formatAddress(family, candidate);
}
