import type { PortSelection, ScanProfile } from "../protocol/schemas/jobs.ts";

/**
 * The load that a scan may put on the network. The budget of packets is the whole job's; the shards
 * that run at the same time divide it.
 */
export interface ProfileLimits {
  packetsPerSecond: number;
  parallelShards: number;
  /**
   * Live hosts in a shard of services. Results come shard by shard, and a power cut loses at most
   * the shards that run.
   */
  hostsPerShard: number;
  maxRetries: number;
  hostTimeoutSeconds: number;
  /**
   * Probes in flight at once, null for the engine's own choice. nmap's --max-rate does not limit
   * version probes (nmap(1)); this does.
   */
  maxParallelism: number | null;
  lightVersionProbes: boolean;
}

export const profiles: Record<ScanProfile, ProfileLimits> = {
  gentle: {
    packetsPerSecond: 150,
    parallelShards: 1,
    hostsPerShard: 8,
    maxRetries: 1,
    hostTimeoutSeconds: 3600,
    maxParallelism: 10,
    lightVersionProbes: true,
  },
  normal: {
    packetsPerSecond: 800,
    parallelShards: 2,
    hostsPerShard: 16,
    maxRetries: 3,
    hostTimeoutSeconds: 900,
    maxParallelism: null,
    lightVersionProbes: false,
  },
  fast: {
    packetsPerSecond: 5000,
    parallelShards: 4,
    hostsPerShard: 16,
    maxRetries: 3,
    hostTimeoutSeconds: 900,
    maxParallelism: null,
    lightVersionProbes: false,
  },
};

export const portCounts: Record<PortSelection, number> = {
  "top-100": 100,
  "top-1000": 1000,
  all: 65_535,
};
