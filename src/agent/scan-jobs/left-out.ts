import { parseAddress } from "../../base/addresses/address.ts";
import { type AddressRange, overlap } from "../../base/addresses/ranges.ts";
import { plannedRanges } from "../../base/addresses/scan-targets.ts";
import type { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import type { LeftOut } from "../spool/schemas.ts";

/**
 * The addresses near the appliance that a scan of their network leaves out. Its own cannot be
 * scanned from itself: nmap asks for them by ARP and calls them down. Network and broadcast
 * addresses belong to no host, unless the netmask here is wrong. Gateway, proxy and platform are
 * what the scan's own results pass; who wants one of those scanned names it as a target of its own.
 * None for targets that the planner refuses.
 */
export function leftOutOf(
  { targets, exclusions }: Pick<ScanSpecification, "targets" | "exclusions">,
  nearby: readonly LeftOut[],
): LeftOut[] {
  const scanned = rangesOrNone(targets, exclusions);
  const named = new Set(targets);
  const found = new Map<string, LeftOut>();
  for (const one of nearby) {
    const parsed = parseAddress(one.address);
    if (!parsed || found.has(one.address)) continue;
    const mayBeNamed = one.role !== "own";
    if (mayBeNamed && named.has(one.address)) continue;
    const range = { family: parsed.family, first: parsed.value, last: parsed.value };
    if (scanned.some((each) => overlap(each, range))) found.set(one.address, one);
  }
  return [...found.values()];
}

function rangesOrNone(targets: readonly string[], exclusions: readonly string[]): AddressRange[] {
  try {
    return plannedRanges(targets, exclusions);
  } catch {
    return [];
  }
}
