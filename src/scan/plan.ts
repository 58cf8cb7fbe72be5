import { type AddressRange, countAddresses } from "../base/addresses/ranges.ts";
import { mostAddresses, rangesToScan } from "../base/addresses/scan-targets.ts";
import { OutriderError } from "../base/messages/error.ts";
import { fact } from "../base/messages/facts.ts";
import type { ScanSpecification } from "../protocol/schemas/jobs.ts";
import type { Engine, PlannedShard } from "./engine.ts";
import { profiles } from "./profiles.ts";
import type { ShardPlan } from "./schemas.ts";

export interface ShardPlanContext {
  jobId: string;
  attempt: number;
  tryNumber: number;
  /** The kernel's name of the scan interface; null lets the routing table choose. */
  device: string | null;
  scan: ScanSpecification;
  /** Shards of all jobs that may run at the same time as this one, itself included. */
  sharing: number;
  /** How long it waits for its card, each time; the runner's default when absent. */
  cardWaitSeconds?: number | undefined;
}

/** The plan file of a shard that `engine` planned. */
export function shardPlan(
  engine: Pick<Engine, "name" | "deadlineSeconds">,
  planned: PlannedShard,
  { jobId, attempt, tryNumber, device, scan, sharing, cardWaitSeconds }: ShardPlanContext,
): ShardPlan {
  const { packetsPerSecond } = profiles[scan.profile];
  return {
    version: 1,
    engine: engine.name,
    jobId,
    attempt,
    shard: planned.shard,
    tryNumber,
    phase: planned.phase,
    targets: planned.targets,
    exclusions: [...scan.exclusions],
    profile: scan.profile,
    ports: scan.ports,
    ...(planned.slice && { slice: planned.slice }),
    ...(planned.probes !== undefined && { probes: planned.probes }),
    packetsPerSecond: Math.max(1, Math.floor(packetsPerSecond / Math.max(1, sharing))),
    device,
    deadlineSeconds: engine.deadlineSeconds(planned, scan, sharing),
    ...(cardWaitSeconds !== undefined && { cardWaitSeconds }),
  };
}

/**
 * The addresses of a scan's targets without its exclusions. Throws OutriderError
 * "scan-targets-invalid", for more addresses than one scan takes too: the platform may not have
 * looked.
 */
export function rangesOf(scan: Pick<ScanSpecification, "targets" | "exclusions">): AddressRange[] {
  const ranges = readRanges(scan);
  const count = countAddresses(ranges);
  if (count > mostAddresses)
    throw new OutriderError("scan-targets-invalid", {
      detail: fact("targets-many", { count, most: mostAddresses }),
    });
  return ranges;
}

function readRanges({
  targets,
  exclusions,
}: Pick<ScanSpecification, "targets" | "exclusions">): AddressRange[] {
  try {
    return rangesToScan(targets, exclusions);
  } catch (error) {
    throw new OutriderError("scan-targets-invalid", {
      detail: error instanceof Error ? error.message.slice(0, 400) : "",
    });
  }
}
