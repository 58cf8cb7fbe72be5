import type { Counters } from "../../protocol/schemas/health.ts";

/** Counted since the agent started; shown in the status and sent with each heartbeat. */
export type AgentCounters = Omit<Counters, "spooledParts">;

export function newCounters(): AgentCounters {
  return {
    requests: 0,
    failures: 0,
    repeats: 0,
    connections: 0,
    heartbeats: 0,
    polls: 0,
    pollSeconds: 0,
    clockJumps: 0,
  };
}
