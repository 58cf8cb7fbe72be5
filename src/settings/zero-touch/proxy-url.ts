import type { ProxyTexts } from "../form.ts";
import type { ProxySettings } from "../model/schema.ts";

export interface ProxyUrl {
  kind: Exclude<ProxySettings["kind"], "none">;
  tls: boolean;
  host: string;
  port: string;
  /** The text names no port, and its scheme decided. */
  isUsualPort: boolean;
  /** The address of a PAC file. */
  url: string;
  user: string | null;
  password: string | null;
}

const longest = 600;

/**
 * Reads a proxy in one text: `http://proxy.example.org:3128`, `https://` for TLS to the proxy
 * itself, `socks5://`, `pac+http://` for a configuration file; `user:password@` may stand before the
 * host. Without a port the scheme decides: `http://` is 80 as everywhere. `proxy://` and a bare
 * `host:port` mean http. Only the web's schemes have a percent-encoded log-in (RFC 3986); people
 * write the others as they are, with backslashes.
 */
export function parseProxyUrl(text: string): ProxyUrl | null {
  if (text.length > longest) return null;
  const typed = text.trim();
  const pac = /^pac\+(https?:\/\/\S+)$/i.exec(typed)?.[1];
  const nothing = {
    tls: false,
    host: "",
    port: "",
    isUsualPort: false,
    url: "",
    user: null,
    password: null,
  };
  if (pac !== undefined) return { ...nothing, kind: "pac", url: pac };
  const [, scheme = "", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(typed) ?? [];
  const known = /^(?:|proxy|http|https|socks5|socks5h|socks)$/i.test(scheme);
  if (!known) return null;
  // Cuts at the last @: a password may hold one.
  const end = rest.lastIndexOf("@");
  const login = end < 0 ? null : rest.slice(0, end);
  const [, host, port = ""] =
    /^(\[[0-9a-f:.]+\]|[^/:?#\s]+)(?::(\d{1,5}))?\/?$/i.exec(rest.slice(end + 1)) ?? [];
  if (host === undefined) return null;
  const encoded = /^(?:https?|socks)/i.test(scheme);
  const colon = login?.indexOf(":") ?? -1;
  const user = login === null ? null : decode(colon < 0 ? login : login.slice(0, colon), encoded);
  const password = login === null || colon < 0 ? null : decode(login.slice(colon + 1), encoded);
  return {
    ...nothing,
    kind: /^socks/i.test(scheme) ? "socks5" : "http",
    tls: /^https$/i.test(scheme),
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: port !== "" ? port : defaultPort(scheme),
    isUsualPort: port === "",
    // Texts that were written for a program with backslash escapes have the domain's backslash
    // doubled.
    user: user?.replace("\\\\", "\\") ?? null,
    password,
  };
}

/** The address as texts of the form for the proxy. */
export function proxyUrlTexts({ kind, host, port, url, tls }: ProxyUrl): Partial<ProxyTexts> {
  return {
    "proxy.kind": kind,
    "proxy.host": host,
    "proxy.port": port,
    "proxy.url": url,
    "proxy.tls": tls ? "yes" : "no",
  };
}

/** RFC 9110, sections 4.2.1 and 4.2.2; RFC 1928; squid's, where no scheme is named. */
function defaultPort(scheme: string): string {
  if (/^http$/i.test(scheme)) return "80";
  if (/^https$/i.test(scheme)) return "443";
  return /^socks/i.test(scheme) ? "1080" : "3128";
}

function decode(text: string, encoded: boolean): string {
  if (!encoded) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
