import type { Validator } from "../base/checks.ts";
import { OutriderError } from "../base/messages/error.ts";
import { type Fact, fact } from "../base/messages/facts.ts";
import type { ScanSpecification } from "../protocol/schemas/jobs.ts";
import type { HostObservation } from "../protocol/schemas/results.ts";
import type { ShardFiles } from "./files.ts";
import type { PortSlice } from "./port-slice.ts";
import type { EngineProgram } from "./program.ts";
import type { Phase, ShardDone, ShardPlan } from "./schemas.ts";

/** A shard before its plan is written: its targets and its engine. */
export interface PlannedShard {
  shard: number;
  phase: Phase;
  targets: string[];
  /** The number of addresses in the targets. */
  addresses: number;
  /** The ports to look at; absent in discovery. */
  slice?: PortSlice;
  /** Open ports whose services are asked, over all targets; absent in the other phases. */
  openPorts?: number;
  /** The engine's name for what discovery sends; absent in the other phases. */
  probes?: string;
  /** The MAC addresses that answered for its addresses, which this shard asks themselves. */
  confirms?: string;
  /** Absent in spools that were written when there was one engine only: `defaultEngine`. */
  engine?: string;
}

/** A host as the phases before know it. */
export interface KnownHost {
  address: string;
  /** Ports that were found open. */
  tcp: readonly number[];
  udp: readonly number[];
}

export interface PlanRequest {
  phase: Phase;
  /** Its exclusions include those of the appliance's own settings. */
  scan: ScanSpecification;
  /** Hosts that earlier phases found to be up; empty in the first phase. */
  hosts: readonly KnownHost[];
  /** Shards are numbered across all phases of a job, so that each has files of its own. */
  firstShard: number;
}

/** An engine's output without its hosts; engines add what `judge` needs. */
export interface EngineRun {
  /** The engine's version as the output has it; empty when it has none. */
  version: string;
}

/** What a run costs, at best and at worst. */
export interface Duration {
  packets: { best: number; worst: number };
  seconds: { best: number; worst: number };
}

export interface Doubt {
  addresses: ReadonlySet<string>;
  shards: PlannedShard[];
}

export type Verdict =
  | { accepted: true }
  /** `tooMuch`: the run did not get to its end, so that smaller shards may. */
  | { accepted: false; reason: Fact; tooMuch: boolean };

/** The rights of a shard's process. */
export interface Privileges {
  /** Raw packets may be sent: the process has CAP_NET_RAW and nothing is simulated. */
  raw: boolean;
}

/**
 * A program that scans. An engine has a folder of its own in src/scan and a line in
 * src/scan/engines/engines.ts; agent, runner, inventory and image use only this interface.
 *
 * The life of a shard: `plan` cuts a phase into shards, the agent writes a plan file for each, the
 * runner turns it into `arguments` for the program, the reader's process `read`s the output file,
 * and the agent has `judge` decide whether it counts.
 */
export interface Engine<Run extends EngineRun = EngineRun> extends EngineProgram {
  readonly phases: readonly Phase[];
  /** The ending of the file that the program writes: "xml" is JOB/SHARD.xml. */
  readonly outputEnding: string;

  /**
   * Cuts a phase into shards, each with addresses of one family. Throws OutriderError
   * "scan-targets-invalid".
   */
  plan(request: PlanRequest): PlannedShard[];

  /**
   * Smaller shards that together do what `planned` does, for one that did not get to its end. Their
   * numbers begin at `firstShard`. Empty when it cannot be divided.
   */
  split(planned: PlannedShard, firstShard: number): PlannedShard[];

  /**
   * The hosts of an accepted shard whose life is in doubt, with shards that ask them in another way;
   * null when none is. Absent in engines without doubt.
   */
  doubt?(
    planned: PlannedShard,
    hosts: readonly HostObservation[],
    firstShard: number,
  ): Doubt | null;

  /** How long a shard takes while `sharing` shards divide the job's budget of packets. */
  duration(planned: PlannedShard, scan: ScanSpecification, sharing: number): Duration;

  /**
   * The runner ends a program that takes longer, in seconds. `sharing` shards divide the job's
   * budget of packets at the same time, this one included.
   */
  deadlineSeconds(planned: PlannedShard, scan: ScanSpecification, sharing: number): number;

  /**
   * The program's arguments for a shard. Targets and exclusions are in files, one prefix a line;
   * the output goes to `files.output`. Options come from fixed lists and numbers of the plan, never
   * from its texts.
   */
  arguments(plan: ShardPlan, files: ShardFiles, privileges: Privileges): string[];

  /**
   * Reads the output file as it comes, with limits on all that could grow: yields each host that is
   * up as soon as it is whole, and returns the run, as JSON can have it. Never throws: a file that is
   * missing, cut or wrong yields the hosts before the fault, and the run holds the reason for
   * `judge`. It is called in a process of its own (read/main.ts).
   */
  read(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncGenerator<HostObservation, Run, undefined>;

  /** Checks a run that another process read: it may have been taken over by the file. */
  checkRun: Validator<Run>;

  /**
   * Reads what the program prints while it runs: hosts with open ports that it has found and not
   * yet written to the output file. Never throws.
   */
  readProgress(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<HostObservation[]>;

  /** Whether a shard's result counts. Pure; `run` must come from `read` of the same engine. */
  judge(
    plan: Pick<ShardPlan, "targets" | "exclusions">,
    done: Pick<ShardDone, "exitCode" | "signal" | "errorTail">,
    run: Run,
  ): Verdict;
}

/** The engine of plans that name none. */
export const defaultEngine = "nmap";

/** Throws OutriderError "scan-engine-failed" when there is no engine of that name. */
export function engineNamed(engines: readonly Engine[], name: string = defaultEngine): Engine {
  const engine = engines.find((each) => each.name === name);
  if (!engine)
    throw new OutriderError("scan-engine-failed", { detail: fact("engine-missing", { name }) });
  return engine;
}

/**
 * The engine of a phase: the job's preferred one if it can do the phase, else the first in the list
 * that can. Throws OutriderError "scan-engine-failed" when the preferred one does not exist or none
 * can do the phase.
 */
export function engineFor(
  engines: readonly Engine[],
  phase: Phase,
  preferred: string | undefined,
): Engine {
  const wanted = preferred === undefined ? null : engineNamed(engines, preferred);
  if (wanted?.phases.includes(phase)) return wanted;
  const able = engines.find(({ phases }) => phases.includes(phase));
  if (!able)
    throw new OutriderError("scan-engine-failed", { detail: fact("engine-phase", { phase }) });
  return able;
}

/** All hosts of an output, and its run. */
export async function readAll<Run extends EngineRun>(
  reading: AsyncGenerator<HostObservation, Run, undefined>,
): Promise<{ hosts: HostObservation[]; run: Run }> {
  const hosts: HostObservation[] = [];
  for (;;) {
    const next = await reading.next();
    if (next.done) return { hosts, run: next.value };
    hosts.push(next.value);
  }
}
