import { parseAddress } from "../../base/addresses/address.ts";
import type { AddressRange } from "../../base/addresses/ranges.ts";
import { plannedRanges } from "../../base/addresses/scan-targets.ts";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import type { ShardPlan } from "../../scan/schemas.ts";

/**
 * The hosts that a shard's plan asks for, and the first address of another one, null where there is
 * none. An engine that was taken over may write what it likes into its output: hosts that nobody
 * scanned, or that are excluded, must not get into a result.
 */
export function askedHosts(
  hosts: readonly HostObservation[],
  { targets, exclusions }: Pick<ShardPlan, "targets" | "exclusions">,
): { asked: HostObservation[]; stranger: string | null } {
  const ranges = plannedRanges(targets, exclusions);
  const stranger = hosts.find(({ address }) => !isIn(ranges, address))?.address ?? null;
  const asked = hosts.filter(({ address }) => isIn(ranges, address));
  return { asked, stranger };
}

/** `ranges` are in their order, without overlaps: a binary search finds the one that may hold it. */
function isIn(ranges: readonly AddressRange[], text: string): boolean {
  const address = parseAddress(text);
  if (address === null) return false;
  const { family, value } = address;
  let [low, high] = [0, ranges.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range === undefined) return false;
    if (range.family === family && range.first <= value && value <= range.last) return true;
    if (range.family < family || (range.family === family && range.last < value)) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
