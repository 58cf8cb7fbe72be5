import { isIP, isIPv4 } from "node:net";
import { parseIpv4 } from "../../base/addresses/ipv4.ts";
import { contains, parsePrefix } from "../../base/addresses/prefix.ts";
import { matchesGlob } from "./globs.ts";
import { sortAddresses } from "./sort-addresses.ts";
import { dateRange, type PacArgument, timeRange, weekdayRange } from "./times.ts";

export interface PacSurroundings {
  nowMs: number;
  /** This appliance's address on the way to the PAC file's server. */
  ownAddress: string;
  /** Addresses of a name; empty when it has none or they are not known yet. */
  addressesOf(name: string): readonly string[];
}

export type PacFunction = (...parameters: PacArgument[]) => PacArgument;

/** No host name or URL is longer, and longer texts would make these functions slow. */
const longestText = 4096;
const text = (value: PacArgument | undefined) => String(value ?? "").slice(0, longestText);

/**
 * The functions that a PAC file may call: Netscape's, and those of Microsoft's for IPv6 that are in
 * use. They read nothing outside their arguments.
 */
export function pacFunctions({
  nowMs,
  ownAddress,
  addressesOf,
}: PacSurroundings): Record<string, PacFunction> {
  const addresses = (host: string) => (isIP(host) === 0 ? addressesOf(host) : [host]);
  const firstIpv4 = (host: string) => addresses(host).find(isIPv4) ?? null;
  return {
    isPlainHostName: (host) => !text(host).includes(".") && isIP(text(host)) === 0,
    dnsDomainIs: (host, domain) => text(host).toLowerCase().endsWith(text(domain).toLowerCase()),
    localHostOrDomainIs: (host, name) => {
      const [asked, full] = [text(host).toLowerCase(), text(name).toLowerCase()];
      return asked === full || (!asked.includes(".") && full.startsWith(`${asked}.`));
    },
    isResolvable: (host) => firstIpv4(text(host)) !== null,
    isResolvableEx: (host) => addresses(text(host)).length > 0,
    isInNet: (host, network, mask) => {
      const address = firstIpv4(text(host));
      const [a, n, m] = [address ?? "", text(network), text(mask)].map(numberOfAddress);
      if (a == null || n == null || m == null) return false;
      return (a & m) >>> 0 === (n & m) >>> 0;
    },
    isInNetEx: (host, network) => {
      const wanted = text(network).includes("/") ? parsePrefix(text(network)) : null;
      if (wanted === null) return false;
      return addresses(text(host)).some((address) => {
        const own = parsePrefix(address);
        return own !== null && contains(wanted, own);
      });
    },
    dnsResolve: (host) => firstIpv4(text(host)),
    dnsResolveEx: (host) => addresses(text(host)).join(";"),
    convert_addr: (address) => numberOfAddress(text(address)) ?? 0,
    myIpAddress: () => (isIPv4(ownAddress) ? ownAddress : "127.0.0.1"),
    myIpAddressEx: () => ownAddress,
    sortIpAddressList: (list) => sortAddresses(text(list)),
    dnsDomainLevels: (host) => text(host).split(".").length - 1,
    shExpMatch: (value, pattern) => matchesGlob(text(value), text(pattern)),
    weekdayRange: (...parameters) => weekdayRange(parameters, nowMs),
    dateRange: (...parameters) => dateRange(parameters, nowMs),
    timeRange: (...parameters) => timeRange(parameters, nowMs),
    getClientVersion: () => "1.0",
    alert: () => null,
  };
}

function numberOfAddress(address: string): number | null {
  const parsed = parseIpv4(address);
  return parsed.ok ? parsed.value : null;
}
