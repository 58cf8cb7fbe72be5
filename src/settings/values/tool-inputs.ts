import { parseAddress } from "./addresses.ts";
import { type FieldValue, quoted, right, wrong } from "./field-value.ts";
import { parseHost } from "./names.ts";

/**
 * One host, by its name or address: what is typed at the operator's tools is judged here, at console,
 * command line and configd alike. No range and no list: a tool tries one machine. Nmap's octet
 * ranges ("10.0-255.0.1") look like names, and inet_aton(3) reads "0x7f.1" as an address; but the
 * last label of a name is no number (RFC 3696 section 2, WHATWG URL "ends in a number").
 */
export function parseToolHost(text: string): FieldValue<string> {
  const typed = text.trim();
  if (/^[\da-f:.]+%/i.test(typed)) {
    const address = parseAddress(typed, "either");
    return address.ok ? right(address.value.text) : address;
  }
  const host = parseHost(typed, "tool-host-malformed");
  if (!host.ok || host.value.includes(":") || /^[\d.]+$/.test(host.value)) return host;
  const last = host.value.split(".").at(-1) ?? "";
  if (/^\d+-[\d-]*$/.test(last)) return wrong("tool-host-range", { value: quoted(typed) });
  return /[a-z]/.test(last) && !/^0x[\da-f]*$/.test(last)
    ? host
    : wrong("tool-host-malformed", { value: quoted(typed) });
}

/** The address of a DNS server, or of a host that packets are chosen by. */
export function parseToolAddress(text: string): FieldValue<string> {
  const host = parseToolHost(text);
  if (!host.ok) return host;
  return host.value.includes(":") || /^[\d.]+$/.test(host.value)
    ? host
    : wrong("tool-address-malformed", { value: quoted(text.trim()) });
}

/** A time in whole seconds. */
export function parseToolSeconds(text: string, least: number, most: number): FieldValue<number> {
  const typed = text.trim();
  if (typed === "") return wrong("required");
  const seconds = /^\d{1,5}$/.test(typed) ? Number(typed) : Number.NaN;
  return seconds >= least && seconds <= most
    ? right(seconds)
    : wrong("tool-seconds-malformed", {
        value: quoted(typed),
        least: String(least),
        most: String(most),
      });
}
