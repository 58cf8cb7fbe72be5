import { type Fact, fact, withDetail } from "../../base/messages/facts.ts";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import type { Engine, EngineRun, Verdict } from "../../scan/engine.ts";
import type { ShardFiles } from "../../scan/files.ts";
import type { Outage, ShardDone, ShardPlan } from "../../scan/schemas.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import { askedHosts } from "./asked-hosts.ts";
import { outageFact } from "./outages.ts";
import type { OutputReader } from "./output-reader.ts";

export interface ShardOutcome {
  accepted: boolean;
  /** Why not. */
  reason: string;
  /** The run did not get to its end; smaller shards may. */
  tooMuch: boolean;
  /** The engine's end was seen; false when its unit was killed, which may not happen again. */
  ended: boolean;
  /** Hosts that are up. A run that was not accepted has what the engine had found until then. */
  hosts: HostObservation[];
  engineVersion: string;
  /** When the card was away; an accepted result was made after the last one. */
  outages?: readonly Outage[] | undefined;
  /** Not accepted because the card did not come back. */
  cardGone?: boolean | undefined;
}

export interface OutcomeParts {
  reader: Pick<OutputReader, "read">;
  /** Where the job's folder notes that a shard's output is being read. */
  readings: Pick<JobFolder, "beginReading">;
}

/** The second time only a little of the output is taken in; there is no third. */
const mostReadings = 2;

/** The outcome of a run by its files; `done` is null when the unit ended without its done file. */
export async function readOutcome(
  { reader, readings }: OutcomeParts,
  engine: Engine,
  plan: ShardPlan,
  files: ShardFiles,
  done: ShardDone | null,
  signal: AbortSignal,
): Promise<ShardOutcome> {
  if (done?.gaveUp) return givenUp(done, plan);
  const begun = await readings.beginReading(plan.shard, plan.tryNumber);
  if (begun >= mostReadings)
    return { ...nothing, reason: describe(fact("reader-twice")), tooMuch: true };
  const careful = begun > 0;
  const read = await reader.read(engine, "output", files.output, { careful }, signal);
  const { asked: hosts, stranger } = askedHosts(read.hosts, plan);
  const strange = stranger === null ? null : strangerVerdict(engine, stranger);
  const verdict = strange ?? verdictOf(engine, plan, done, read.run, read.fault);
  const engineVersion = read.run?.version ?? "";
  if (verdict.accepted)
    return { ...nothing, accepted: true, hosts, engineVersion, outages: done?.outages };
  const whole = new Set(hosts.map(({ address }) => address));
  const printed = await reader.read(engine, "progress", files.progress, { careful }, signal);
  return {
    accepted: false,
    reason: describe(verdict.reason),
    tooMuch: verdict.tooMuch,
    ended: done !== null,
    hosts: [
      ...hosts,
      ...askedHosts(printed.hosts, plan).asked.filter(({ address }) => !whole.has(address)),
    ],
    engineVersion,
    outages: done?.outages,
  };
}

export const nothing: ShardOutcome = {
  accepted: false,
  reason: "",
  tooMuch: false,
  ended: true,
  hosts: [],
  engineVersion: "",
};

/** No smaller shard makes such an engine honest. */
function strangerVerdict({ name }: Engine, address: string): Verdict {
  return {
    accepted: false,
    reason: fact("engine-stranger", { engine: name, address }),
    tooMuch: false,
  };
}

function verdictOf(
  engine: Engine,
  plan: ShardPlan,
  done: ShardDone | null,
  run: EngineRun | null,
  fault: Fact | null,
): Verdict {
  if (!done) return { accepted: false, reason: fact("engine-ended-outside"), tooMuch: true };
  if (run !== null) return engine.judge(plan, done, run);
  return { accepted: false, reason: fault ?? fact("reader-ended"), tooMuch: true };
}

function describe(reason: Fact): string {
  return withDetail(reason).detail;
}

/** What the engine had found before the last outage does not count: silence looks like absence. */
function givenUp({ outages = [] }: ShardDone, { targets }: ShardPlan): ShardOutcome {
  const last = outages.at(-1);
  const reason = last === undefined ? "" : withDetail(outageFact(last, targets)).detail;
  return { ...nothing, reason, outages, cardGone: true };
}
