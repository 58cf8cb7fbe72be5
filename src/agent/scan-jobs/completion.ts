import type {
  SpooledCompletion,
  SpooledPlan,
  SpooledShard,
  SpooledShards,
} from "../spool/schemas.ts";

export interface EndedJob {
  plan: SpooledPlan;
  services: SpooledShards | null;
  /** Records of shards by number; a shard without one never ended. */
  records: ReadonlyMap<number, SpooledShard>;
  stopped: boolean;
  endedAt: number;
}

const mostProblems = 1000;

/** What a job's shards mean together. Pure. */
export function summarize({
  plan,
  services,
  records,
  stopped,
  endedAt,
}: EndedJob): Omit<SpooledCompletion, "partCount"> {
  const planned = [...plan.shards, ...(services?.shards ?? [])];
  const problems: SpooledCompletion["problems"] = [];
  for (const shard of planned) {
    const record = records.get(shard.shard);
    if (record?.outcome === "failed") {
      const where =
        shard.targets.length > 1
          ? `${shard.targets[0]} and ${shard.targets.length - 1} more`
          : shard.targets[0];
      const what = shard.phase === "discover" ? "looking for hosts in" : "looking at the ports of";
      problems.push({
        code: "scan-engine-failed",
        detail: `${what} ${where}: ${record.reason}`.slice(0, 500),
      });
    }
    if (record && record.timedOut.length > 0)
      problems.push({
        code: "scan-incomplete",
        detail: `took too long: ${record.timedOut.join(", ")}`.slice(0, 500),
      });
  }
  if (stopped)
    problems.push({
      code: "scan-stopped",
      detail: `${records.size} of ${planned.length} parts had ended`,
    });
  const discovered = plan.shards.flatMap(({ shard }) => records.get(shard) ?? []);
  const allFailed =
    plan.shards.length > 0 &&
    discovered.length === plan.shards.length &&
    discovered.every(({ outcome }) => outcome === "failed");
  const all = [...records.values()];
  return {
    state: stopped
      ? "stopped"
      : allFailed
        ? "failed"
        : problems.length > 0
          ? "incomplete"
          : "completed",
    addressesScanned: discovered
      .filter(({ outcome }) => outcome === "done")
      .reduce((sum, { addresses }) => sum + addresses, 0),
    hostsUp: new Set(discovered.flatMap(({ up }) => up)).size,
    openPorts: all.reduce((sum, { openPorts }) => sum + openPorts, 0),
    startedAt: plan.startedAt,
    endedAt: Math.max(plan.startedAt, endedAt),
    engine: {
      name: "nmap",
      version: all.find(({ engineVersion }) => engineVersion !== "")?.engineVersion ?? "unknown",
    },
    problems: problems.slice(0, mostProblems),
  };
}

/**
 * Share of the job that is done, 0 to 100. Looking for hosts counts a tenth: how many shards follow
 * is not known before.
 */
export function percentDone(
  plan: SpooledPlan,
  services: SpooledShards | null,
  records: ReadonlyMap<number, SpooledShard>,
): number {
  const share = (shards: readonly { shard: number }[]) =>
    shards.length === 0
      ? 1
      : shards.filter(({ shard }) => records.has(shard)).length / shards.length;
  const percent = services === null ? 10 * share(plan.shards) : 10 + 90 * share(services.shards);
  return Math.round(percent * 10) / 10;
}
