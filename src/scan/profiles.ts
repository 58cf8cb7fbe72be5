import type { PortSelection, ScanProfile } from "../protocol/schemas/jobs.ts";

/**
 * How hard a scan may press on the network. One budget of packets for the whole job, divided among
 * the shards that run.
 */
export interface ProfileLimits {
  packetsPerSecond: number;
  parallelShards: number;
  /**
   * Live hosts that one run of the engine looks at: results come per shard, and a power cut loses
   * at most the running ones.
   */
  hostsPerShard: number;
  maxRetries: number;
  hostTimeoutSeconds: number;
  /**
   * Probes in flight at once, which also slows what --max-rate does not reach (version probes);
   * null leaves it to nmap.
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

export const addressesPerDiscovery = 1024;

export const portCounts: Record<PortSelection, number> = {
  "top-100": 100,
  "top-1000": 1000,
  all: 65_535,
};
