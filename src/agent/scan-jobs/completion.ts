import { asTold, type Fact, fact } from "../../base/messages/facts.ts";
import { defaultEngine, type PlannedShard } from "../../scan/engine.ts";
import type {
  SpooledCompletion,
  SpooledPlan,
  SpooledShard,
  SpooledShards,
} from "../spool/schemas.ts";

export interface EndedJob {
  plan: SpooledPlan;
  services: SpooledShards | null;
  /** Records of shards by number; a shard that did not end has none. */
  records: ReadonlyMap<number, SpooledShard>;
  stopped: boolean;
  endedAt: number;
}

const mostProblems = 1000;
const longestDetail = 500;

type Problem = SpooledCompletion["problems"][number];
type Summary = Omit<SpooledCompletion, "partCount">;

/** The completion of a job out of the records of its shards. Pure. */
export function summarize({ plan, services, records, stopped, endedAt }: EndedJob): Summary {
  const planned = [...plan.shards, ...(services?.shards ?? [])];
  const problems = planned.flatMap((shard) => problemsOf(shard, records.get(shard.shard)));
  if (stopped)
    problems.push(
      problem(
        "scan-stopped",
        fact("shards-ended", { ended: records.size, planned: planned.length }),
      ),
    );
  const discovered = plan.shards.flatMap(({ shard }) => records.get(shard) ?? []);
  const allFailed =
    plan.shards.length > 0 &&
    discovered.length === plan.shards.length &&
    discovered.every(({ outcome }) => outcome === "failed");
  const all = [...records.values()];
  return {
    state: stateOf({ stopped, allFailed, hasProblems: problems.length > 0 }),
    addressesScanned: discovered
      .filter(({ outcome }) => outcome === "done")
      .reduce((sum, { addresses }) => sum + addresses, 0),
    hostsUp: new Set(discovered.flatMap(({ up }) => up)).size,
    openPorts: all.reduce((sum, { openPorts }) => sum + openPorts, 0),
    startedAt: plan.startedAt,
    endedAt: Math.max(plan.startedAt, endedAt),
    engine: engineOf(planned, all),
    problems: problems.slice(0, mostProblems),
  };
}

function problemsOf(shard: PlannedShard, record: SpooledShard | undefined): Problem[] {
  if (!record) return [];
  const problems: Problem[] = [];
  if (record.outcome === "failed")
    problems.push(problem("scan-engine-failed", shardFailed(shard, record.reason)));
  if (record.timedOut.length > 0)
    problems.push(
      problem("scan-incomplete", fact("hosts-slow", { addresses: record.timedOut.join(", ") })),
    );
  return problems;
}

function shardFailed({ phase, targets }: PlannedShard, reason: string): Fact {
  const [target = "", ...others] = targets;
  const count = others.length;
  if (count === 0) return fact(`${phase}-failed`, { target, reason });
  return fact(`${phase}-failed-more`, { target, count, reason });
}

function problem(code: string, detail: Fact): Problem {
  return { code, detail: asTold(detail).detail.slice(0, longestDetail) };
}

function stateOf(job: {
  stopped: boolean;
  allFailed: boolean;
  hasProblems: boolean;
}): Summary["state"] {
  if (job.stopped) return "stopped";
  if (job.allFailed) return "failed";
  return job.hasProblems ? "incomplete" : "completed";
}

/** The engine of the first shard whose output had a version, else the one that was planned. */
function engineOf(
  planned: readonly PlannedShard[],
  records: readonly SpooledShard[],
): Summary["engine"] {
  const ran = records.find(({ engineVersion }) => engineVersion !== "");
  return {
    name: (ran ?? planned[0])?.engine ?? defaultEngine,
    version: ran?.engineVersion ?? "unknown",
  };
}

/**
 * The share of the job that is done, 0 to 100. Discovery counts a tenth, since only its end shows
 * how many shards follow.
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
