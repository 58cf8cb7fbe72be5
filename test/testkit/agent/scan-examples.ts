import type { JobFolder } from "../../../src/agent/spool/job-folder.ts";
import type { Job } from "../../../src/protocol/schemas/jobs.ts";
import type { HostObservation } from "../../../src/protocol/schemas/results.ts";

/** A scan job of the platform, for tests of what an appliance does with it. */
export const exampleJob: Job = {
  id: "00000000-0000-4000-8000-000000000007",
  attempt: 1,
  createdAt: 1,
  leaseUntil: 2,
  kind: "scan",
  scan: {
    name: "test",
    targets: ["192.0.2.0/24"],
    exclusions: [],
    profile: "normal",
    ports: "top-100",
  },
};

export const exampleHost = (
  address: string,
  changes: Partial<HostObservation> = {},
): HostObservation => ({
  address,
  hostnames: [],
  reason: "arp-response",
  ports: [],
  timedOut: false,
  ...changes,
});

export const exampleEnd = {
  state: "completed" as const,
  addressesScanned: 256,
  hostsUp: 2,
  openPorts: 0,
  startedAt: 1,
  endedAt: 2,
  engine: { name: "nmap", version: "1" },
  problems: [],
} satisfies Parameters<JobFolder["writeCompletion"]>[0];
