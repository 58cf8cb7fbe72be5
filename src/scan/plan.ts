import {
  type AddressRange,
  addressesOf,
  countAddresses,
  parseAddress,
  prefixesOf,
  splitRanges,
} from "../base/addresses/ranges.ts";
import { rangesToScan } from "../base/addresses/scan-targets.ts";
import { OutriderError } from "../base/messages/error.ts";
import type { ScanSpecification } from "../protocol/schemas/jobs.ts";
import { addressesPerDiscovery, portCounts, profiles } from "./profiles.ts";
import type { ShardPlan } from "./schemas.ts";

/** What a shard is to do, before it is given to the engine. */
export interface PlannedShard {
  shard: number;
  phase: ShardPlan["phase"];
  targets: string[];
  addresses: number;
}

/**
 * The addresses of a job as shards of discovery, each of one family, since nmap refuses both at
 * once. Throws scan-targets-invalid.
 */
export function planDiscovery(scan: ScanSpecification): {
  shards: PlannedShard[];
  addresses: number;
} {
  const pieces = [...splitRanges(rangesOf(scan), addressesPerDiscovery)];
  const shards = pieces.map((piece, shard) => ({
    shard,
    phase: "discover" as const,
    targets: [...prefixesOf(piece)],
    addresses: countAddresses(piece),
  }));
  return { shards, addresses: shards.reduce((sum, { addresses }) => sum + addresses, 0) };
}

/**
 * The hosts that were found as shards of port and service scanning, numbered from `firstShard`.
 * Excluded ones never get in.
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
      phase: "services" as const,
      targets,
      addresses: targets.length,
    };
  });
}

export interface ShardPlanContext {
  jobId: string;
  attempt: number;
  tryNumber: number;
  device: string | null;
  scan: ScanSpecification;
  /** Shards of all jobs that may run at the same time as this one, itself included. */
  sharing: number;
}

export function shardPlan(
  planned: PlannedShard,
  { jobId, attempt, tryNumber, device, scan, sharing }: ShardPlanContext,
): ShardPlan {
  const limits = profiles[scan.profile];
  return {
    version: 1,
    jobId,
    attempt,
    shard: planned.shard,
    tryNumber,
    phase: planned.phase,
    targets: planned.targets,
    exclusions: [...scan.exclusions],
    profile: scan.profile,
    ports: scan.ports,
    packetsPerSecond: Math.max(1, Math.floor(limits.packetsPerSecond / Math.max(1, sharing))),
    device,
    deadlineSeconds: deadlineSeconds(planned, scan, sharing),
  };
}

/**
 * Generous: it ends what hangs, not what is slow. Every packet at the slowest rate, sent as often
 * as retries allow, and as much again.
 */
function deadlineSeconds(planned: PlannedShard, scan: ScanSpecification, sharing: number): number {
  const limits = profiles[scan.profile];
  const probes =
    planned.phase === "discover"
      ? planned.addresses * 4
      : planned.addresses * portCounts[scan.ports];
  const sendingSeconds =
    (probes * (limits.maxRetries + 1) * Math.max(1, sharing)) / limits.packetsPerSecond;
  const probingSeconds = planned.phase === "discover" ? 600 : limits.hostTimeoutSeconds + 900;
  return Math.min(604_800, Math.ceil(sendingSeconds * 2 + probingSeconds));
}

function rangesOf(scan: ScanSpecification): AddressRange[] {
  try {
    return rangesToScan(scan.targets, scan.exclusions);
  } catch (error) {
    throw new OutriderError("scan-targets-invalid", {
      detail: error instanceof Error ? error.message.slice(0, 400) : "",
    });
  }
}
