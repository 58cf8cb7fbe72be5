import type { ScanProfile } from "../protocol/schemas/jobs.ts";
import type { Phase } from "./schemas.ts";

/**
 * The load that a scan may put on the network. The budget of packets is the whole job's; the shards
 * that run at the same time divide it.
 */
export interface ProfileLimits {
  packetsPerSecond: number;
  /** Shards of services that run at the same time: most of their time they wait for answers. */
  parallelShards: number;
  /**
   * Live hosts in a shard of ports or services. Results come shard by shard, and a power cut loses at
   * most the shards that run.
   */
  hostsPerShard: number;
  /**
   * Version probes in flight at once, null for the engine's own choice. nmap's --max-rate does not
   * limit version probes (nmap(1)); this does.
   */
  maxParallelism: number | null;
  lightVersionProbes: boolean;
}

export const profiles: Record<ScanProfile, ProfileLimits> = {
  gentle: {
    packetsPerSecond: 150,
    parallelShards: 1,
    hostsPerShard: 8,
    maxParallelism: 10,
    lightVersionProbes: true,
  },
  normal: {
    packetsPerSecond: 800,
    parallelShards: 2,
    hostsPerShard: 16,
    maxParallelism: null,
    lightVersionProbes: false,
  },
  fast: {
    packetsPerSecond: 5000,
    parallelShards: 4,
    hostsPerShard: 64,
    maxParallelism: null,
    lightVersionProbes: false,
  },
};

/**
 * Shards of a phase that run at the same time. Discovery and ports take as long as their packets at
 * the budget's rate: side by side they would only divide it, and the last one would have a part of it.
 */
export function shardsAtOnce(profile: ScanProfile, phase: Phase): number {
  return phase === "services" ? profiles[profile].parallelShards : 1;
}
