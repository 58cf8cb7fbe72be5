import { countAddresses, prefixesOf } from "../../base/addresses/ranges.ts";
import { plannedRanges } from "../../base/addresses/scan-targets.ts";
import { type Fact, fact, withDetail } from "../../base/messages/facts.ts";
import { acceptsEverything } from "../../scan/accepts-all.ts";
import { defaultEngine, type PlannedShard } from "../../scan/engine.ts";
import type { Phase } from "../../scan/schemas.ts";
import type { LeftOut, SpooledCompletion, SpooledShard } from "../spool/schemas.ts";
import type { PhaseShards } from "./job-shards.ts";
import { knownHosts } from "./known-hosts.ts";
import { outageFact } from "./outages.ts";

export interface EndedJob {
  startedAt: number;
  /** The phases that were planned. */
  phases: readonly PhaseShards[];
  /** Records of shards by number; a shard that did not end has none. */
  records: ReadonlyMap<number, SpooledShard>;
  stopped: boolean;
  endedAt: number;
  leftOut: readonly LeftOut[];
}

const mostProblems = 1000;
const longestDetail = 500;

type Problem = SpooledCompletion["problems"][number];
type Summary = Omit<SpooledCompletion, "partCount">;

/** The completion of a job out of the records of its shards. Pure. */
export function summarize(job: EndedJob): Summary {
  const { startedAt, phases, records, stopped, endedAt, leftOut } = job;
  const planned = phases.flatMap(({ shards }) => shards);
  const recordsOf = (phase: Phase) => recordsIn(phases, records, phase);
  const problems = planned.flatMap((shard) => problemsOf(shard, records.get(shard.shard)));
  if (stopped)
    problems.push(
      problem(
        "scan-stopped",
        fact("shards-ended", {
          ended: planned.filter(({ shard }) => isWhole(records.get(shard))).length,
          planned: planned.length,
        }),
      ),
    );
  const discovery = phases.find(({ phase }) => phase === "discover")?.shards ?? [];
  const discovered = recordsOf("discover");
  const allFailed =
    discovery.length > 0 &&
    discovered.length === discovery.length &&
    discovered.every(({ outcome }) => outcome === "failed");
  const notes = [
    ...leftOutNote(leftOut),
    ...acceptsAll(recordsOf("ports")),
    ...planned.flatMap((shard) => answeredFor(shard, records.get(shard.shard))),
    ...planned.flatMap((shard) => scannedAgain(shard, records.get(shard.shard))),
  ];
  const all = planned.flatMap(({ shard }) => records.get(shard) ?? []);
  return {
    state: stateOf({ stopped, allFailed, hasProblems: problems.length > 0 }),
    addressesScanned: discovered
      .filter(({ outcome }) => outcome === "done")
      .reduce((sum, { addresses }) => sum + addresses, 0),
    hostsUp: new Set(discovered.flatMap(({ up }) => up)).size,
    openPorts: openPortCount(recordsOf("ports")),
    startedAt,
    endedAt: Math.max(startedAt, endedAt),
    engine: engineOf(planned, all),
    problems: [...problems, ...notes].slice(0, mostProblems),
  };
}

function isWhole(record: SpooledShard | undefined): boolean {
  return record !== undefined && record.outcome !== "stopped";
}

function recordsIn(
  phases: readonly PhaseShards[],
  records: ReadonlyMap<number, SpooledShard>,
  phase: Phase,
): SpooledShard[] {
  const shards = phases.find((each) => each.phase === phase)?.shards ?? [];
  return shards.flatMap(({ shard }) => records.get(shard) ?? []);
}

/** Slices of ports overlap: a port counts once. */
function openPortCount(records: readonly SpooledShard[]): number {
  return knownHosts([], records).reduce((sum, { tcp, udp }) => sum + tcp.length + udp.length, 0);
}

const mostNamed = 20;

/** Hosts whose services were not asked, since they accept on every port. No fault of the scan. */
function acceptsAll(records: readonly SpooledShard[]): Problem[] {
  const hosts = knownHosts([], records).filter(acceptsEverything);
  if (hosts.length === 0) return [];
  const named = hosts.slice(0, mostNamed).map(({ address }) => address);
  const addresses = named.join(", ");
  const count = hosts.length - named.length;
  const detail =
    count === 0
      ? fact("hosts-accept-all", { addresses })
      : fact("hosts-accept-all-more", { addresses, count });
  const note = problem("scan-accepts-all", detail);
  return [note];
}

/** Addresses near the appliance that were not touched. No fault of the scan. */
function leftOutNote(leftOut: readonly LeftOut[]): Problem[] {
  if (leftOut.length === 0) return [];
  const named = leftOut.map(({ address, role }) => fact(`left-out-${role}`, { address }));
  const note = { code: "scan-left-out", detail: withDetail(named).detail.slice(0, longestDetail) };
  return [note];
}

/** Addresses that only a card of another answered for. No fault of the scan. */
function answeredFor(
  { confirms, targets }: PlannedShard,
  record: SpooledShard | undefined,
): Problem[] {
  if (confirms === undefined || record?.outcome !== "done") return [];
  // Named: one of them may be a host that answers nothing, whose card somebody forged.
  const silent = plannedRanges(targets, record.up);
  const count = countAddresses(silent);
  if (count === 0) return [];
  const named = [...prefixesOf(silent)];
  const list = named.slice(0, mostNamed).join(", ") + (named.length > mostNamed ? ", ..." : "");
  const note = problem("scan-proxy-arp", fact("card-answers-for", { card: confirms, count, list }));
  return [note];
}

function problemsOf(shard: PlannedShard, record: SpooledShard | undefined): Problem[] {
  if (!record) return [];
  const problems: Problem[] = [];
  if (record.outcome === "failed")
    problems.push(
      problem(
        record.cardGone ? "scan-card-down" : "scan-engine-failed",
        shardFailed(shard, record.reason),
      ),
    );
  if (record.timedOut.length > 0)
    problems.push(
      problem("scan-incomplete", fact("hosts-slow", { addresses: record.timedOut.join(", ") })),
    );
  return problems;
}

/** What was looked at anew after the card was away: nothing is missing, but it took longer. */
function scannedAgain({ targets }: PlannedShard, record: SpooledShard | undefined): Problem[] {
  if (record?.outages === undefined || record.outcome === "failed") return [];
  const outage = withDetail(record.outages.map((each) => outageFact(each, targets))).detail;
  const [target = "", ...others] = targets;
  const again =
    others.length === 0
      ? fact("scanned-again", { target, outage })
      : fact("scanned-again-more", { target, count: others.length, outage });
  const note = problem("scan-card-down", again);
  return [note];
}

function shardFailed({ phase, targets }: PlannedShard, reason: string): Fact {
  const [target = "", ...others] = targets;
  const count = others.length;
  if (count === 0) return fact(`${phase}-failed`, { target, reason });
  return fact(`${phase}-failed-more`, { target, count, reason });
}

function problem(code: string, detail: Fact): Problem {
  return { code, detail: withDetail(detail).detail.slice(0, longestDetail) };
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
 * Shares of the time that a usual scan spends in each phase; only the end of one shows how many
 * shards the next has.
 */
const shares: Record<Phase, number> = { discover: 10, ports: 50, services: 40 };

/** The share of the job that is done, 0 to 100. */
export function percentDone(
  phases: readonly PhaseShards[],
  records: ReadonlyMap<number, SpooledShard>,
): number {
  const done = ({ shards }: PhaseShards) =>
    shards.length === 0
      ? 1
      : shards.filter(({ shard }) => records.has(shard)).length / shards.length;
  const percent = phases.reduce((sum, each) => sum + shares[each.phase] * done(each), 0);
  return Math.round(percent * 10) / 10;
}
