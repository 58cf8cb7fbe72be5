import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { formsOf, parseAddress } from "../../base/addresses/address.ts";
import { contains, parsePrefix, prefixOfAddress } from "../../base/addresses/prefix.ts";

/** Matches targets that are called directly instead of through the proxy. */
export interface BypassRule {
  matches(host: string, port: number): boolean;
}

export type BypassReading =
  | { ok: true; rules: BypassRule[] }
  | { ok: false; entry: string; problem: string };

const mostRules = 200;
const longestEntry = 300;

/**
 * Entries are `name` (only that name), `.name` or `*.name` (every name below it), an address, a
 * network as 192.0.2.0/24, or `*` (everything), each optionally with `:port`. Networks match only
 * addresses in URLs: names are not resolved for this, since behind a proxy they often cannot be.
 */
export function readBypassList(entries: readonly string[]): BypassReading {
  const wanted = entries.map((entry) => entry.trim()).filter((entry) => entry !== "");
  if (wanted.length > mostRules)
    return { ok: false, entry: "", problem: `more than ${mostRules} entries` };
  const rules: BypassRule[] = [];
  for (const entry of wanted) {
    const rule = entry.length > longestEntry ? "too long" : readEntry(entry);
    if (typeof rule === "string")
      return { ok: false, entry: entry.slice(0, longestEntry), problem: rule };
    rules.push(rule);
  }
  return { ok: true, rules };
}

export function isBypassed(
  rules: readonly BypassRule[],
  { host, port }: { host: string; port: number },
): boolean {
  const name = normalName(host);
  return rules.some((rule) => rule.matches(name, port));
}

function readEntry(entry: string): BypassRule | string {
  const split = splitPort(entry);
  if (split === null) return "not a port from 1 to 65535";
  const { host, port } = split;
  const matchesHost = hostMatcher(host);
  if (typeof matchesHost === "string") return matchesHost;
  return { matches: (name, asked) => (port === null || port === asked) && matchesHost(name) };
}

/** A bare IPv6 address has colons of its own; with a port it stands in brackets. */
function splitPort(entry: string): { host: string; port: number | null } | null {
  const bracketed = /^\[([\da-fA-F:.]*)\](\/\d+)?(?::(.*))?$/.exec(entry);
  const plain = /^([^:]*):([^:]*)$/.exec(entry);
  const text = bracketed ? bracketed[3] : plain?.[2];
  const host = bracketed ? `${bracketed[1]}${bracketed[2] ?? ""}` : (plain?.[1] ?? entry);
  if (text === undefined) return { host, port: null };
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? { host, port } : null;
}

function hostMatcher(host: string): ((name: string) => boolean) | string {
  if (host === "*") return () => true;
  if (host.includes("/")) return networkMatcher(host);
  if (isIP(host) !== 0) return networkMatcher(host);
  const below = /^\*?\.(.+)$/.exec(host)?.[1];
  const name = normalName(below ?? host);
  // A mistyped address must not pass as a name that never matches.
  if (
    !/^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/.test(name) ||
    /^[\d.]+$/.test(name)
  )
    return "neither a name nor an address";
  return below === undefined ? (asked) => asked === name : (asked) => asked.endsWith(`.${name}`);
}

function networkMatcher(text: string): ((name: string) => boolean) | string {
  const network = parsePrefix(text);
  if (network === null) return "not a network";
  return (name) => {
    const asked = parseAddress(name);
    // An IPv4-mapped address is reached over IPv4, so the networks of both forms hold it.
    const forms = asked === null ? [] : formsOf(asked);
    return forms.some((address) => contains(network, prefixOfAddress(address)));
  };
}

/** The form of names in URLs: lower case, punycode; without the root's dot. */
function normalName(host: string): string {
  const bare = host.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0) return bare.toLowerCase();
  const trimmed = bare.replace(/\.$/, "");
  return domainToASCII(trimmed) || trimmed.toLowerCase();
}
