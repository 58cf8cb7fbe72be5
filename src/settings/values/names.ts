import { domainToASCII } from "node:url";
import { formatIpv6 } from "../../base/addresses/ipv6.ts";
import { parsePrefix } from "../../base/addresses/prefix.ts";
import { fact } from "../../base/messages/facts.ts";
import type { FieldProblemCode } from "../model/problems.ts";
import { parseAddress, unusable } from "./addresses.ts";
import { type FieldValue, quoted, right, wrong } from "./field-value.ts";

export function parseHostname(text: string): FieldValue<string> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  if (typed.length > 63) return wrong("too-long", { limit: "63" });
  const name = typed.toLowerCase();
  if (!isLabel(name)) {
    const [first = "", ...domain] = name.split(".");
    const isDotted = domain.length > 0 && isLabel(first);
    return isDotted
      ? wrong("hostname-dotted", { value: quoted(typed), suggestion: first })
      : wrong("hostname-malformed", { value: quoted(typed) });
  }
  // hosts(5) gives this name to 127.0.0.1 on every machine.
  if (name === "localhost")
    return wrong("hostname-not-usable", { value: name }, fact("is-localhost"));
  return right(name);
}

export function parseDomain(text: string): FieldValue<string> {
  const typed = text.trim().replace(/\.$/, "");
  if (typed === "") return wrong("required");
  const name = lookedUpName(typed);
  return name !== null && !looksLikeIpv4(name)
    ? right(name)
    : wrong("domain-malformed", { value: quoted(typed) });
}

/** Reads a DNS name or an address of either family. */
export function parseHost(text: string, malformed: FieldProblemCode): FieldValue<string> {
  const typed = text
    .trim()
    .replace(/\.$/, "")
    .replace(/^\[(.*)\]$/, "$1");
  if (typed === "") return wrong("required");
  if (looksLikeIpv4(typed) || (typed.includes(":") && /^[\da-f:.]+$/i.test(typed))) {
    const address = parseAddress(typed, "either");
    if (!address.ok) return address;
    const reason = unusable(address.value.family, address.value.address);
    return reason === null
      ? right(address.value.text)
      : wrong("host-not-usable", { value: address.value.text }, reason);
  }
  const name = lookedUpName(typed);
  return name === null ? wrong(malformed, { value: quoted(typed) }) : right(name);
}

/** A host as it stands before a port: IPv6 addresses in brackets (RFC 3986, section 3.2.2). */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

export function parsePort(text: string): FieldValue<number> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  const port = /^\d{1,5}$/.test(typed) ? Number(typed) : 0;
  return port >= 1 && port <= 65_535
    ? right(port)
    : wrong("port-malformed", { value: quoted(typed) });
}

const longestUrl = 300;

/**
 * Reads the platform's address: adds a missing `https://` and drops a slash at the end. A backslash
 * is a slash, as to browsers (WHATWG URL), and what is invisible in a paste is left out.
 */
export function parsePlatformUrl(text: string): FieldValue<string> {
  const typed = text
    .replace(/[\p{Cf}]/gu, "")
    .trim()
    .replaceAll("\\", "/");
  if (typed === "") return wrong("required");
  if (typed.length > longestUrl) return wrong("too-long", { limit: String(longestUrl) });
  const malformed = wrong("url-malformed", { value: quoted(typed) });
  const [, scheme, rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/i.exec(typed) ?? [];
  if (scheme !== undefined && scheme.toLowerCase() !== "https")
    return wrong("url-not-https", { value: quoted(typed) });
  const [, host, port, path = ""] =
    /^(\[[\da-f:.]+\]|[^/:@?#\s[\]]+)(?::(\d{1,5}))?\/?(.*)$/is.exec(rest) ?? [];
  if (host === undefined) return malformed;
  if (path !== "") return withoutPath(rest, path) ?? malformed;
  const name = parseHost(host, "url-malformed");
  if (!name.ok) return malformed;
  if (port === undefined) return right(`https://${hostInUrl(name.value)}`);
  const number = parsePort(port);
  if (!number.ok) return malformed;
  return right(`https://${hostInUrl(name.value)}${number.value === 443 ? "" : `:${number.value}`}`);
}

/** Of an address that was copied from a browser's page: what it should be, if the rest is right. */
function withoutPath(rest: string, path: string): FieldValue<string> | null {
  const bare = rest.slice(0, rest.length - path.length);
  const own = bare === "" || !/^(?:[^/]*\/|[^?#]*$)/.test(bare) ? null : parsePlatformUrl(bare);
  const isPath = bare.endsWith("/") || /^[?#]/.test(path);
  return own?.ok && isPath
    ? wrong("url-has-path", { value: quoted(rest), suggestion: own.value })
    : null;
}

/** Reads the address of a proxy automatic configuration file: http or https, without a log-in. */
export function parsePacUrl(text: string): FieldValue<string> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  const malformed = wrong("pac-url-malformed", { value: quoted(typed) });
  const [, host] =
    /^https?:\/\/(\[[\da-f:.]+\]|[^/:@?#\s[\]]+)(?::\d{1,5})?(?:[/?][^\s#]*)?$/i.exec(typed) ?? [];
  if (host === undefined || !parseHost(host, "pac-url-malformed").ok || !URL.canParse(typed))
    return malformed;
  const { href } = new URL(typed);
  return href.length > longestUrl ? wrong("too-long", { limit: String(longestUrl) }) : right(href);
}

const longestBypassEntry = 253;

/** Reads `name`, `.domain`, `*.domain`, an address, a network or `*`; each may have a `:port`. */
export function parseBypassEntry(text: string): FieldValue<string> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  if (typed.length > longestBypassEntry)
    return wrong("too-long", { limit: String(longestBypassEntry) });
  const malformed = wrong("bypass-malformed", { value: quoted(typed) });
  const whole = parsePrefix(typed);
  if (whole !== null) return right(canonicalPrefix(typed));
  const [, bracketed, length = "", plain, port] =
    /^(?:\[([\da-f:.]+)\](\/\d+)?|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(typed) ?? [];
  if (port !== undefined && !parsePort(port).ok) return malformed;
  const suffix = port === undefined ? "" : `:${Number(port)}`;
  if (bracketed !== undefined) {
    if (parsePrefix(`${bracketed}${length}`)?.family !== 6) return malformed;
    const address = canonicalPrefix(bracketed);
    return right(port === undefined ? `${address}${length}` : `[${address}]${length}${suffix}`);
  }
  const host = (plain ?? "").replace(/\.$/, "").toLowerCase();
  if (host === "*" || parsePrefix(host) !== null)
    return right(`${parsePrefix(host) === null ? host : canonicalPrefix(host)}${suffix}`);
  const [, wildcard = "", rest = ""] = /^(\*?\.)?(.*)$/s.exec(host) ?? [];
  const name = lookedUpName(rest);
  return name !== null && !looksLikeIpv4(name) ? right(`${wildcard}${name}${suffix}`) : malformed;
}

function canonicalPrefix(text: string): string {
  const [address = "", length] = text.split("/");
  const parsed = parsePrefix(address);
  const canonical = parsed?.family === 6 ? formatIpv6(parsed.address) : address;
  return length === undefined ? canonical : `${canonical}/${Number(length)}`;
}

/** Every label is digits: it was meant as an address, and inet_aton(3) would read it as one. */
function looksLikeIpv4(text: string): boolean {
  return /^[\d.]+$/.test(text);
}

/**
 * URLs read what ends in a number as an IPv4 address, 0x7f.1 as 127.0.0.1, and take nothing else that
 * does (WHATWG URL, "ends in a number"). Nor is there such a name on the Internet (RFC 3696, section 2).
 */
function endsInNumber(name: string): boolean {
  return /(?:^|\.)(?:\d+|0x[\da-f]*)$/.test(name);
}

const longestName = 253;

/**
 * The name of another machine as DNS is asked for it, or null. DNS takes any label (RFC 2181,
 * section 11), and Active Directory has underscores in names of hosts. Other letters become A-labels
 * (RFC 5891).
 */
function lookedUpName(typed: string): string | null {
  if (typed.length > longestName) return null;
  const lower = typed.toLowerCase();
  const name = /^[\u0020-\u007e]*$/.test(lower) ? lower : aLabels(lower);
  if (name.length > longestName || endsInNumber(name)) return null;
  return name.split(".").every(isLookedUpLabel) ? name : null;
}

/** "" for what is no name: domainToASCII drops characters, and reads numbers as an address. */
function aLabels(text: string): string {
  // RFC 3490, section 3.1: the full stops of East Asian keyboards separate labels, too.
  if (!/^[\p{L}\p{M}\p{N}._\u3002\uff0e\uff61-]+$/u.test(text)) return "";
  const name = domainToASCII(text);
  return looksLikeIpv4(name) ? "" : name;
}

function isLookedUpLabel(text: string): boolean {
  return /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(text);
}

/** This machine's own name (RFC 1123, section 2.1). */
function isLabel(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}
