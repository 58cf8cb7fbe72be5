import { broadcastOf, exampleHost, formatIpv4, networkOf, parseIpv4, prefixOfMask, unusableBecause } from "./ipv4.ts";
import type { FieldProblem, FieldProblemCode } from "./problems.ts";

/** What one field's text means, or what is wrong with it. */
export type FieldValue<T> = { ok: true; value: T } | { ok: false; code: FieldProblemCode; values?: Record<string, string> };

export const right = <T>(value: T): FieldValue<T> => ({ ok: true, value });
export const wrong = (code: FieldProblemCode, values?: Record<string, string>): FieldValue<never> => ({ ok: false, code, ...(values ? { values } : {}) });

export function problemAt(field: string, fault: { code: FieldProblemCode; values?: Record<string, string> }): FieldProblem {
  return { field, code: fault.code, ...(fault.values ? { values: fault.values } : {}) };
}

/** Problems quote what was typed; a pasted book or an escape sequence must not fill the screen. */
export function quoted(text: string): string {
  const printable = text.slice(0, 61).replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
  return printable.length > 60 ? `${printable.slice(0, 57)}...` : printable;
}

export function parseAddress(text: string): FieldValue<string> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  const parsed = parseIpv4(typed);
  return parsed.ok ? right(formatIpv4(parsed.value)) : wrong(parsed.code, { value: quoted(typed) });
}

export interface AddressWithPrefix {
  address: number;
  prefix: number;
  /** As netplan takes it: 192.0.2.10/24. */
  text: string;
}

/** `192.0.2.10/24`, `192.0.2.10 255.255.255.0` or `192.0.2.10/255.255.255.0`: the address of a machine with its network. */
export function parseAddressWithMask(text: string): FieldValue<AddressWithPrefix> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  const [, host, mask] = /^([^\s/]*)(?:\s*\/\s*|\s+)(.*)$/.exec(typed) ?? [undefined, typed, undefined];
  const address = parseIpv4(host ?? "");
  if (!address.ok) return wrong(address.code, { value: quoted(host ?? "") });
  if (mask === undefined || mask === "") return wrong("prefix-missing");
  const prefix = parsePrefix(mask);
  if (prefix === null) return wrong("prefix-malformed", { value: quoted(mask) });
  const value = formatIpv4(address.value);
  const reason = unusableBecause(address.value);
  if (reason !== null) return wrong("address-not-usable", { value, reason });
  // RFC 3021: the two addresses of a /31 are both machines; a /32 has no other.
  if (prefix < 31) {
    const suggestion = `${exampleHost(address.value, prefix, null, 10)}/${prefix}`;
    if (address.value === networkOf(address.value, prefix)) return wrong("address-is-network", { value, suggestion });
    if (address.value === broadcastOf(address.value, prefix)) return wrong("address-is-broadcast", { value, suggestion });
  }
  return right({ address: address.value, prefix, text: `${value}/${prefix}` });
}

function parsePrefix(text: string): number | null {
  if (/^\d{1,2}$/.test(text)) {
    const prefix = Number(text);
    return prefix >= 1 && prefix <= 32 ? prefix : null;
  }
  const mask = parseIpv4(text);
  if (!mask.ok) return null;
  const prefix = prefixOfMask(mask.value);
  return prefix === null || prefix === 0 ? null : prefix;
}

export function parseHostname(text: string): FieldValue<string> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  if (typed.length > 63) return wrong("too-long", { limit: "63" });
  if (!isLabel(typed)) return wrong("hostname-malformed", { value: quoted(typed) });
  const name = typed.toLowerCase();
  // hosts(5) gives this name to 127.0.0.1 on every machine.
  if (name === "localhost") return wrong("not-valid", { value: name, reason: "every machine calls itself so" });
  return right(name);
}

export function parseDomain(text: string): FieldValue<string> {
  const typed = text.trim().replace(/\.$/, "");
  if (typed === "") return wrong("required");
  const name = typed.toLowerCase();
  return isDomain(name) && !looksLikeAddress(name) ? right(name) : wrong("domain-malformed", { value: quoted(typed) });
}

/** A DNS name or an IPv4 address, as a proxy or a platform has. */
export function parseHost(text: string, malformed: FieldProblemCode): FieldValue<string> {
  const typed = text.trim().replace(/\.$/, "");
  if (typed === "") return wrong("required");
  if (looksLikeAddress(typed)) return parseAddress(typed);
  const name = typed.toLowerCase();
  return isDomain(name) ? right(name) : wrong(malformed, { value: quoted(typed) });
}

/** Six pairs of digits, written in any of the three usual ways. */
export function parseMacAddress(text: string): FieldValue<string> {
  const typed = text.trim();
  const shape = /^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i.test(typed) || /^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}$/i.test(typed);
  const pairs = typed.replace(/[^0-9a-f]/gi, "").match(/../g) ?? [];
  // IEEE 802: the lowest bit of the first byte marks a group, which is no interface's own address.
  const usable = (Number.parseInt(pairs[0] ?? "1", 16) & 1) === 0 && pairs.some((pair) => pair !== "00");
  return shape && usable ? right(pairs.join(":").toLowerCase()) : wrong("mac-malformed", { value: quoted(typed) });
}

export function parsePort(text: string): FieldValue<number> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  const port = /^\d{1,5}$/.test(typed) ? Number(typed) : 0;
  return port >= 1 && port <= 65_535 ? right(port) : wrong("port-malformed", { value: quoted(typed) });
}

/** The platform's address: `https://` is put in front when it is missing, a slash at the end is dropped. */
export function parsePlatformUrl(text: string): FieldValue<string> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  if (typed.length > 300) return wrong("too-long", { limit: "300" });
  const malformed = wrong("url-malformed", { value: quoted(typed) });
  const [, scheme, rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/i.exec(typed) ?? [];
  if (scheme !== undefined && scheme.toLowerCase() !== "https") return wrong("url-not-https", { value: quoted(typed) });
  const [, host, port] = /^([^/:@?#\s]+)(?::(\d{1,5}))?\/?$/.exec(rest) ?? [];
  if (host === undefined) return malformed;
  const name = parseHost(host, "url-malformed");
  if (!name.ok) return malformed;
  if (port === undefined) return right(`https://${name.value}`);
  const number = parsePort(port);
  if (!number.ok) return malformed;
  return right(number.value === 443 ? `https://${name.value}` : `https://${name.value}:${number.value}`);
}

/** All labels digits: meant as an address, and inet_aton(3) would read it as one. */
function looksLikeAddress(text: string): boolean {
  return /^[\d.]+$/.test(text);
}

function isDomain(text: string): boolean {
  return text.length <= 253 && text.split(".").every(isLabel);
}

/** RFC 1123 section 2.1. */
function isLabel(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(text);
}
