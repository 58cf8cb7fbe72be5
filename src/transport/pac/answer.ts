import { isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

/** One entry of a PAC file's answer. */
export type PacHop =
  | { kind: "direct" }
  | { kind: "http" | "socks5"; host: string; port: number; tls: boolean };

const mostHops = 10;
const longestAnswer = 4096;

const kinds: Readonly<Record<string, { kind: "http" | "socks5"; tls: boolean; port: number }>> = {
  PROXY: { kind: "http", tls: false, port: 80 },
  HTTP: { kind: "http", tls: false, port: 80 },
  HTTPS: { kind: "http", tls: true, port: 443 },
  // Browsers differ in which version SOCKS means. SOCKS4 cannot take names and is not supported.
  SOCKS: { kind: "socks5", tls: false, port: 1080 },
  SOCKS5: { kind: "socks5", tls: false, port: 1080 },
};

/**
 * Reads the result of FindProxyForURL, such as `PROXY proxy.example.org:8080; DIRECT`. Unknown
 * entries are skipped, as browsers do. An empty answer means DIRECT; an answer without any usable
 * entry gives an empty list.
 */
export function readPacAnswer(answer: string): PacHop[] {
  const parts = answer
    .slice(0, longestAnswer)
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0) return [{ kind: "direct" }];
  return parts.flatMap((part) => readHop(part) ?? []).slice(0, mostHops);
}

function readHop(part: string): PacHop | null {
  const [keyword = "", hostAndPort, ...rest] = part.split(/\s+/);
  if (keyword.toUpperCase() === "DIRECT")
    return hostAndPort === undefined ? { kind: "direct" } : null;
  const type = Object.hasOwn(kinds, keyword.toUpperCase())
    ? kinds[keyword.toUpperCase()]
    : undefined;
  if (!type || hostAndPort === undefined || rest.length > 0) return null;
  const split = /^(?:\[([\da-fA-F:.]+)\]|([^:/@[\]]{1,253}))(?::(\d{1,5}))?$/.exec(hostAndPort);
  if (!split) return null;
  const [, bracketed, written = "", portText] = split;
  // RFC 5891, as in browsers.
  const name = /^[\x21-\x7e]*$/.test(written) ? written : domainToASCII(written);
  if (bracketed === undefined && !/^[A-Za-z0-9_.-]{1,253}$/.test(name)) return null;
  const host = bracketed ?? name;
  const port = portText === undefined ? type.port : Number(portText);
  if ((bracketed !== undefined && !isIPv6(bracketed)) || port < 1 || port > 65_535) return null;
  return { kind: type.kind, host, port, tls: type.tls };
}
