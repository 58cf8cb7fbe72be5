import type { HostObservation } from "../../protocol/schemas/results.ts";
import { defaultEngine, type PlannedShard } from "../../scan/engine.ts";
import type { SpooledShard } from "../spool/schemas.ts";
import { countOpen, openPortsOf } from "./known-hosts.ts";
import type { ShardOutcome } from "./shard-outcome.ts";

/** What the spool keeps of a shard that has ended; `pieces` are the hosts of its parts. */
export function recordOf(
  planned: PlannedShard,
  outcome: ShardOutcome,
  end: SpooledShard["outcome"],
  pieces: readonly HostObservation[],
): Omit<SpooledShard, "parts"> {
  const open = planned.phase === "ports" ? openPortsOf(pieces) : [];
  return {
    shard: planned.shard,
    outcome: end,
    reason: outcome.reason.slice(0, 500),
    up: outcome.hosts.map(({ address }) => address),
    addresses: planned.addresses,
    engine: planned.engine ?? defaultEngine,
    openPorts: planned.phase === "ports" ? countOpen(pieces) : 0,
    ...(open.length > 0 && { open }),
    timedOut: outcome.accepted
      ? pieces.filter(({ timedOut }) => timedOut).map(({ address }) => address)
      : [],
    engineVersion: outcome.engineVersion,
    ...(outcome.outages && outcome.outages.length > 0 && { outages: [...outcome.outages] }),
    ...(outcome.cardGone === true && { cardGone: true }),
  };
}
