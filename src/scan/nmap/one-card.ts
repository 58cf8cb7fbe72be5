import { countAddresses, prefixesOf, splitRanges } from "../../base/addresses/ranges.ts";
import { plannedRanges } from "../../base/addresses/scan-targets.ts";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import type { Doubt, PlannedShard } from "../engine.ts";

/**
 * A router or firewall with proxy ARP (RFC 1027) answers for addresses that nobody has: measured,
 * 64 of 64 were up. A machine has several addresses too, but hardly as many as this.
 */
const fewestOfOneCard = 10;
/** Each may stand alone between others, and a plan has room for 2048 targets. */
const mostInShard = 1024;

/**
 * The hosts that one network card answered for, and shards that ask them by IP packets, which only
 * a host answers.
 */
export function doubtOneCard(
  planned: PlannedShard,
  hosts: readonly HostObservation[],
  firstShard: number,
): Doubt | null {
  if (planned.phase !== "discover" || planned.confirms !== undefined) return null;
  const byCard = new Map<string, string[]>();
  for (const { address, macAddress } of hosts)
    if (macAddress !== undefined && macAddress !== null)
      byCard.set(macAddress, [...(byCard.get(macAddress) ?? []), address]);
  const many = [...byCard].filter(([, addresses]) => addresses.length >= fewestOfOneCard);
  if (many.length === 0) return null;
  const addresses = many.flatMap(([, each]) => each);
  const [[card = ""] = [], ...others] = many;
  const confirms = others.length === 0 ? card : `${card} and ${others.length} more`;
  // All cards together: whoever forges their addresses would start the engine once for each.
  const pieces = [...splitRanges(plannedRanges(addresses, []), mostInShard)];
  return {
    addresses: new Set(addresses),
    shards: pieces.map((ranges, index) => ({
      ...planned,
      shard: firstShard + index,
      targets: [...prefixesOf(ranges)],
      addresses: countAddresses(ranges),
      probes: "confirm",
      confirms,
    })),
  };
}
