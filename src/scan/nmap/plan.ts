import { parseAddress } from "../../base/addresses/address.ts";
import {
  addressesOf,
  countAddresses,
  prefixesOf,
  splitRanges,
} from "../../base/addresses/ranges.ts";
import type { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import type { PlannedShard } from "../engine.ts";
import { rangesOf } from "../plan.ts";
import { portCounts, profiles } from "../profiles.ts";

const addressesPerDiscovery = 1024;
const longestDeadlineSeconds = 604_800;

/**
 * The addresses of a job as shards of discovery, each of one family, since nmap refuses both at
 * once. Throws OutriderError "scan-targets-invalid".
 */
export function planDiscovery(scan: ScanSpecification, firstShard = 0): PlannedShard[] {
  return [...splitRanges(rangesOf(scan), addressesPerDiscovery)].map((piece, index) => ({
    shard: firstShard + index,
    phase: "discover",
    engine: "nmap",
    targets: [...prefixesOf(piece)],
    addresses: countAddresses(piece),
  }));
}

/**
 * The hosts that were found as shards of port and service scanning, numbered from `firstShard`.
 * Of the addresses that discovery reported, only those in the job's targets are planned: excluded
 * addresses never are. Throws OutriderError "scan-targets-invalid".
 */
export function planServices(
  scan: ScanSpecification,
  hosts: readonly string[],
  firstShard: number,
): PlannedShard[] {
  const allowed = rangesOf(scan);
  const found = hosts.flatMap((host) => {
    const address = parseAddress(host);
    if (address === null) return [];
    const { family, value } = address;
    return allowed.some(
      (range) => range.family === family && range.first <= value && value <= range.last,
    )
      ? [{ family, first: value, last: value }]
      : [];
  });
  return [...splitRanges(found, profiles[scan.profile].hostsPerShard)].map((piece, index) => {
    const targets = [...addressesOf(piece)];
    return {
      shard: firstShard + index,
      phase: "services",
      engine: "nmap",
      targets,
      addresses: targets.length,
    };
  });
}

/**
 * The deadline ends a run that hangs, not one that is slow: the time for every packet at the
 * slowest rate with all its retries, twice, and the time for version probes.
 */
export function deadlineSeconds(
  planned: PlannedShard,
  scan: ScanSpecification,
  sharing: number,
): number {
  const limits = profiles[scan.profile];
  const discovering = planned.phase === "discover";
  const probes = planned.addresses * (discovering ? 4 : portCounts[scan.ports]);
  const sendingSeconds =
    (probes * (limits.maxRetries + 1) * Math.max(1, sharing)) / limits.packetsPerSecond;
  const probingSeconds = discovering ? 600 : limits.hostTimeoutSeconds + 900;
  return Math.min(longestDeadlineSeconds, Math.ceil(sendingSeconds * 2 + probingSeconds));
}
