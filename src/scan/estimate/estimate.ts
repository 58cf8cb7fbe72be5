import { countAddresses } from "../../base/addresses/ranges.ts";
import type { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import { type Engine, engineFor, type KnownHost, type PlannedShard } from "../engine.ts";
import { rangesOf } from "../plan.ts";
import { shardsAtOnce } from "../profiles.ts";
import { type Phase, phases } from "../schemas.ts";
import { firstAddresses } from "./first-addresses.ts";

export interface PhaseEstimate {
  phase: Phase;
  engine: string;
  shards: number;
  /** Shards that run at the same time. */
  sharing: number;
  packets: { best: number; worst: number };
  seconds: { best: number; worst: number };
  /** The longest time after which a shard is ended, in seconds. */
  longestDeadlineSeconds: number;
}

export interface Estimate {
  addresses: number;
  /** Hosts and open ports of each that the estimate assumes. */
  assumed: { hosts: number; openPorts: number };
  phases: PhaseEstimate[];
  packets: { best: number; worst: number };
  seconds: { best: number; worst: number };
}

/** More hosts are not planned one by one; time and packets grow with their number. */
const mostPlannedHosts = 4096;

/**
 * What a scan costs before it is started, by the very plans that the appliance makes: if so many
 * hosts answer, each with so many open ports. Throws OutriderError "scan-targets-invalid".
 */
export function estimateScan(
  engines: readonly Engine[],
  scan: ScanSpecification,
  assumed: Estimate["assumed"],
): Estimate {
  const ranges = rangesOf(scan);
  const addresses = countAddresses(ranges);
  const hostCount = Math.min(assumed.hosts, addresses);
  const plannedHosts = Math.min(hostCount, mostPlannedHosts);
  const tcp = Array.from({ length: assumed.openPorts }, (_, index) => index + 1);
  const hosts = firstAddresses(ranges, plannedHosts).map((address) => ({ address, tcp, udp: [] }));
  const estimates = phases.map((phase) => {
    const factor = phase === "discover" || plannedHosts === 0 ? 1 : hostCount / plannedHosts;
    const estimate = scaled(estimatePhase(engines, scan, phase, hosts), factor);
    return phase === "discover" ? withSilent(estimate, 1 - hostCount / addresses) : estimate;
  });
  return {
    addresses,
    assumed: { hosts: hostCount, openPorts: assumed.openPorts },
    phases: estimates,
    packets: sumOf(estimates.map(({ packets }) => packets)),
    seconds: sumOf(estimates.map(({ seconds }) => seconds)),
  };
}

function estimatePhase(
  engines: readonly Engine[],
  scan: ScanSpecification,
  phase: Phase,
  hosts: readonly KnownHost[],
): PhaseEstimate {
  const engine = engineFor(engines, phase, undefined);
  const shards: PlannedShard[] = engine.plan({ phase, scan, hosts, firstShard: 0 });
  const sharing = Math.min(shardsAtOnce(scan.profile, phase), Math.max(1, shards.length));
  const durations = shards.map((shard) => engine.duration(shard, scan, sharing));
  const seconds = sumOf(durations.map((each) => each.seconds));
  return {
    phase,
    engine: engine.name,
    shards: shards.length,
    sharing,
    packets: sumOf(durations.map((each) => each.packets)),
    seconds: { best: seconds.best / sharing, worst: seconds.worst / sharing },
    longestDeadlineSeconds: shards.reduce(
      (longest, shard) => Math.max(longest, engine.deadlineSeconds(shard, scan, sharing)),
      0,
    ),
  };
}

/** Also at best, addresses without a host are asked to the end. */
function withSilent(estimate: PhaseEstimate, silent: number): PhaseEstimate {
  const both = ({ best, worst }: { best: number; worst: number }) => ({
    best: Math.round(best * (1 - silent) + worst * silent),
    worst,
  });
  return { ...estimate, packets: both(estimate.packets), seconds: both(estimate.seconds) };
}

function scaled(estimate: PhaseEstimate, factor: number): PhaseEstimate {
  const both = ({ best, worst }: { best: number; worst: number }) => ({
    best: Math.round(best * factor),
    worst: Math.round(worst * factor),
  });
  return {
    ...estimate,
    shards: Math.ceil(estimate.shards * factor),
    packets: both(estimate.packets),
    seconds: both(estimate.seconds),
  };
}

function sumOf(all: readonly { best: number; worst: number }[]): { best: number; worst: number } {
  return {
    best: all.reduce((sum, { best }) => sum + best, 0),
    worst: all.reduce((sum, { worst }) => sum + worst, 0),
  };
}
