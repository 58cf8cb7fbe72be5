import type { ScanProfile } from "../protocol/schemas/jobs.ts";

/**
 * The load that a scan may put on the network. The budget of packets is the whole job's; the shards
 * that run at the same time divide it.
 */
export interface ProfileLimits {
  packetsPerSecond: number;
  parallelShards: number;
  /**
   * Live hosts in a shard of ports or services. Results come shard by shard, and a power cut loses at most
   * the shards that run.
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
    hostsPerShard: 16,
    maxParallelism: null,
    lightVersionProbes: false,
  },
};
