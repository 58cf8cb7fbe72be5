import { networkInterfaces } from "node:os";
import { execa } from "execa";
import { formatAddress } from "../../base/addresses/address.ts";
import { firstOf, lastOf, parsePrefix } from "../../base/addresses/prefix.ts";
import type { LeftOut } from "../spool/schemas.ts";

const limitMs = 5000;
/** A forged DNS answer must not leave out much of a network. */
const mostOfRole = 16;

type Resolve = (host: string, signal: AbortSignal) => Promise<string[]>;

export interface Surroundings {
  /** Addresses with their prefix, as 192.0.2.10/24. */
  own(): readonly string[];
  gateways(): Promise<readonly string[]>;
  resolve: Resolve;
}

export const realSurroundings = (resolve: Resolve): Surroundings => ({
  own: () =>
    Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).flatMap(({ cidr, internal }) => (internal || cidr === null ? [] : [cidr])),
    ),
  gateways: async () => (await Promise.all([gatewaysOf("-4"), gatewaysOf("-6")])).flat(),
  resolve,
});

/**
 * The addresses that a scan of the networks around the appliance may come across. What cannot be
 * found out is left away: a scan does not fail for it.
 */
export async function nearbyAddresses(
  proxyHost: string | null,
  serviceUrls: readonly string[],
  { own, gateways, resolve }: Surroundings,
): Promise<LeftOut[]> {
  const addressesOf = async (hosts: readonly string[]) => {
    const found = await Promise.all(
      [...new Set(hosts)].map((host) =>
        resolve(host, AbortSignal.timeout(limitMs)).catch(() => []),
      ),
    );
    return found.flat();
  };
  const [routers, proxies, platform] = await Promise.all([
    gateways(),
    addressesOf(proxyHost === null ? [] : [proxyHost]),
    addressesOf(serviceUrls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ""))),
  ]);
  const as = (role: LeftOut["role"], addresses: readonly string[]) =>
    [...new Set(addresses)].slice(0, mostOfRole).map((address) => ({ address, role }));
  return [
    ...as(
      "own",
      own().map((cidr) => cidr.split("/")[0] ?? ""),
    ),
    ...as("broadcast", own().flatMap(endsOf)),
    ...as("gateway", routers),
    ...as("proxy", proxies),
    ...as("platform", platform),
  ];
}

/** The first and the last address of an IPv4 network (RFC 1122 section 3.2.1.3); a /31 has none. */
function endsOf(cidr: string): string[] {
  const prefix = parsePrefix(cidr);
  if (prefix?.family !== 4 || prefix.length > 30) return [];
  return [firstOf(prefix), lastOf(prefix)].map((value) => formatAddress(4, value));
}

/** In every table: in split mode the scan side has one of its own. */
async function gatewaysOf(family: "-4" | "-6"): Promise<string[]> {
  const { stdout, failed } = await execa(
    "ip",
    [family, "route", "show", "table", "all", "default"],
    { reject: false, timeout: limitMs, stdin: "ignore", maxBuffer: 256 * 1024 },
  );
  if (failed) return [];
  return [...String(stdout).matchAll(/ via (?:inet6? )?([0-9a-fA-F.:]+)/g)].map(
    ([, address = ""]) => address,
  );
}
