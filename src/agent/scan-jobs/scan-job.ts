import { plannedRanges } from "../../base/addresses/scan-targets.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import type { Job } from "../../protocol/schemas/jobs.ts";
import {
  type Doubt,
  type Engine,
  engineFor,
  engineNamed,
  type KnownHost,
  type PlannedShard,
} from "../../scan/engine.ts";
import { shardsAtOnce } from "../../scan/profiles.ts";
import { type Phase, phases } from "../../scan/schemas.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import type { LeftOut, SpooledShard } from "../spool/schemas.ts";
import { percentDone, summarize } from "./completion.ts";
import { JobShards } from "./job-shards.ts";
import { knownHosts, piecesOf } from "./known-hosts.ts";
import { leftOutOf } from "./left-out.ts";
import type { ShardOutcome } from "./shard-outcome.ts";
import { recordOf } from "./shard-record.ts";
import type { ShardRunner } from "./shard-runner.ts";

export interface ScanJobParts {
  shards: Pick<ShardRunner, "run" | "dropOutdated" | "leftovers">;
  engines: readonly Engine[];
  clock: Clock;
  log: Log;
  /**
   * The kernel's name of the interface that scans go out of. Throws OutriderError "scan-card-down"
   * while there is none.
   */
  device(): string | null;
  /** The settings' exclusions; no job overrules them. */
  exclusions: readonly string[];
  /** Addresses that are left out of a scan of their network (left-out.ts). */
  nearby(): Promise<readonly LeftOut[]>;
  progress(percent: number, hostsFound: number): void;
  /** Called when new parts are in the spool. */
  partsWritten(): void;
}

/** How long a shard waits for a card without link or address. */
const cardWaitSeconds = 1800;
const secondCardWaitSeconds = 15;

/** Errors of planning that the job itself causes: it ends as failed. */
const cannotBePlanned: ReadonlySet<string> = new Set([
  "scan-targets-invalid",
  "scan-engine-failed",
]);
const never = new AbortController().signal;

/**
 * One scan from its plan to its completion. Each result is durably in the job's folder before the
 * scan goes on, so that it can be resumed from any point: a shard with a record is not run again.
 */
export class ScanJob {
  readonly #folder: JobFolder;
  readonly #parts: ScanJobParts;
  #job: Job;
  readonly #shards: JobShards;
  #device: string | null = null;

  constructor(folder: JobFolder, parts: ScanJobParts) {
    this.#folder = folder;
    this.#parts = parts;
    this.#shards = new JobShards(folder);
    const { job } = folder;
    this.#job = {
      ...job,
      scan: {
        ...job.scan,
        exclusions: [...new Set([...job.scan.exclusions, ...parts.exclusions])],
      },
    };
  }

  /**
   * Runs the scan until its completion is in the folder. Rejects when `signal` is aborted, and can
   * then be run again.
   */
  async run(signal: AbortSignal): Promise<void> {
    await this.#load();
    try {
      if (!this.#shards.plan) await this.#makePlan();
    } catch (error) {
      if (error instanceof OutriderError && cannotBePlanned.has(error.code))
        return await this.#refuse(error);
      throw error;
    }
    this.#device = this.#parts.device();
    await this.#parts.shards.dropOutdated(this.#job, this.#device, signal);
    for (const phase of phases) {
      if (phase !== "discover" && !this.#shards.ofPhase(phase))
        await this.#shards.setPhase(phase, this.#planPhase(phase, this.#known()));
      await this.#runPhase(phase, signal);
    }
    await this.#complete(false);
  }

  async #load(): Promise<void> {
    await this.#shards.load();
    this.#exclude(this.#shards.plan?.leftOut ?? []);
  }

  #exclude(leftOut: readonly LeftOut[]): void {
    const { scan } = this.#job;
    const exclusions = [...scan.exclusions, ...leftOut.map(({ address }) => address)];
    this.#job = { ...this.#job, scan: { ...scan, exclusions: [...new Set(exclusions)] } };
  }

  /** Writes the completion of a stopped job, with what was found until then. */
  async stop(): Promise<void> {
    await this.#load();
    for (const { shards } of this.#shards.all())
      for (const planned of shards)
        if (!this.#shards.records.has(planned.shard))
          await this.#folder.untilRead(planned.shard, this.#salvage(planned));
    await this.#complete(true);
  }

  async #makePlan(): Promise<void> {
    const leftOut = leftOutOf(this.#job.scan, await this.#parts.nearby());
    this.#exclude(leftOut);
    const shards = this.#planPhase("discover", []);
    // Fails now, and not after the discovery, when no engine can do one of the next phases.
    for (const phase of phases) engineFor(this.#parts.engines, phase, this.#job.engine);
    await this.#shards.setPlan({
      startedAt: this.#parts.clock.nowMs(),
      addresses: shards.reduce((sum, { addresses }) => sum + addresses, 0),
      shards,
      leftOut,
    });
  }

  #planPhase(phase: Phase, hosts: readonly KnownHost[]): PlannedShard[] {
    const { scan, engine } = this.#job;
    const firstShard = this.#shards.next;
    return engineFor(this.#parts.engines, phase, engine).plan({ phase, scan, hosts, firstShard });
  }

  #known(): KnownHost[] {
    return knownHosts(this.#recordsOf("discover"), this.#recordsOf("ports"));
  }

  #recordsOf(phase: Phase): SpooledShard[] {
    return (this.#shards.ofPhase(phase) ?? []).flatMap(
      ({ shard }) => this.#shards.records.get(shard) ?? [],
    );
  }

  /**
   * Runs a phase's shards that have no record, as many at the same time as the profile allows. The
   * first one that rejects ends the others.
   */
  async #runPhase(phase: Phase, signal: AbortSignal): Promise<void> {
    await this.#showProgress();
    const shards = this.#shards.ofPhase(phase) ?? [];
    const waiting = shards.filter(({ shard }) => !this.#shards.records.has(shard));
    const sharing = Math.min(
      shardsAtOnce(this.#folder.job.scan.profile, phase),
      Math.max(1, shards.length),
    );
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    const worker = async () => {
      for (let shard = waiting.shift(); shard; shard = waiting.shift()) {
        stop.throwIfAborted();
        const run = this.#runShard(shard, sharing, stop);
        waiting.unshift(...(await this.#folder.untilRead(shard.shard, run)));
      }
    };
    const workers = Array.from({ length: sharing }, () =>
      worker().catch((error: unknown) => {
        failed.abort(error);
        throw error;
      }),
    );
    const outcomes = await Promise.allSettled(workers);
    signal.throwIfAborted();
    const rejected = outcomes.find((outcome) => outcome.status === "rejected");
    if (rejected) throw rejected.reason;
  }

  /**
   * Runs a shard to its record. Returns the pieces to run in its place when it did not get to its
   * end and can be divided.
   */
  async #runShard(
    planned: PlannedShard,
    sharing: number,
    signal: AbortSignal,
  ): Promise<readonly PlannedShard[]> {
    const surroundings = {
      device: this.#device,
      sharing,
      cardWaitSeconds: this.#cardWaitSeconds(),
    };
    const outcome = await this.#parts.shards.run(this.#job, planned, surroundings, signal);
    const pieces = outcome.tooMuch ? this.#divide(planned) : [];
    if (pieces.length > 0) {
      this.#parts.log.info("a shard's run did not get to its end, the shard is divided", {
        job: this.#job.id,
        shard: planned.shard,
        pieces: pieces.length,
        reason: outcome.reason,
      });
      await this.#shards.divide(planned.shard, pieces);
      return pieces;
    }
    // One number is left for what is beyond doubt.
    const engine = engineNamed(this.#parts.engines, planned.engine);
    const doubt = outcome.accepted && engine.doubt?.(planned, outcome.hosts, this.#shards.next + 1);
    if (doubt) return await this.#recordWithout(doubt, planned, outcome, signal);
    await this.#record(planned, outcome, outcome.accepted ? "done" : "failed", signal);
    return [];
  }

  /**
   * Records what is beyond doubt. The shard then stands as that and as those that ask the rest, so
   * that after a crash nothing in doubt counts. Returns the latter, to run.
   */
  async #recordWithout(
    { addresses, shards }: Doubt,
    planned: PlannedShard,
    outcome: ShardOutcome,
    signal: AbortSignal,
  ): Promise<readonly PlannedShard[]> {
    const sure = {
      ...planned,
      shard: this.#shards.next,
      addresses: planned.addresses - addresses.size,
    };
    await this.#shards.divide(planned.shard, [sure, ...shards]);
    const hosts = outcome.hosts.filter(({ address }) => !addresses.has(address));
    await this.#record(sure, { ...outcome, hosts }, "done", signal);
    return shards;
  }

  /** Once the card did not come back for a shard, the others do not wait as long again. */
  #cardWaitSeconds(): number {
    const gone = [...this.#shards.records.values()].some(({ cardGone }) => cardGone);
    return gone ? secondCardWaitSeconds : cardWaitSeconds;
  }

  /** Without the pieces of which nothing is left to scan, as after new exclusions. */
  #divide(planned: PlannedShard): PlannedShard[] {
    const engine = engineNamed(this.#parts.engines, planned.engine);
    return engine
      .split(planned, this.#shards.next)
      .filter(({ targets }) => plannedRanges(targets, this.#job.scan.exclusions).length > 0);
  }

  /** Keeps what the engine of a stopped scan had found in a shard without a record. */
  async #salvage(planned: PlannedShard): Promise<void> {
    const outcome = await this.#parts.shards.leftovers(this.#job, planned);
    if (outcome && outcome.hosts.length > 0) await this.#record(planned, outcome, "stopped", never);
  }

  async #record(
    planned: PlannedShard,
    outcome: ShardOutcome,
    end: SpooledShard["outcome"],
    signal: AbortSignal,
  ): Promise<void> {
    const pieces =
      end === "stopped"
        ? piecesOf({ ...planned, targets: [] }, outcome, [])
        : piecesOf(planned, outcome, this.#job.scan.exclusions);
    if (pieces.length > 0) {
      await this.#folder.writeParts(planned.shard, pieces, signal);
      this.#parts.partsWritten();
    }
    await this.#shards.record(recordOf(planned, outcome, end, pieces));
    await this.#showProgress();
  }

  async #refuse(error: OutriderError): Promise<void> {
    const now = this.#parts.clock.nowMs();
    const nothing = summarize({
      startedAt: now,
      phases: [],
      records: this.#shards.records,
      stopped: false,
      endedAt: now,
      leftOut: [],
    });
    await this.#folder.writeCompletion({
      ...nothing,
      state: "failed",
      problems: [{ code: error.code, detail: (error.detail ?? "").slice(0, 500) }],
    });
  }

  async #complete(stopped: boolean): Promise<void> {
    const now = this.#parts.clock.nowMs();
    await this.#folder.writeCompletion(
      summarize({
        startedAt: this.#shards.plan?.startedAt ?? now,
        phases: this.#shards.all(),
        records: this.#shards.records,
        stopped,
        endedAt: now,
        leftOut: this.#shards.plan?.leftOut ?? [],
      }),
    );
  }

  async #showProgress(): Promise<void> {
    if (!this.#shards.plan) return;
    const hostsFound = new Set(this.#recordsOf("discover").flatMap(({ up }) => up)).size;
    const percent = percentDone(this.#shards.all(), this.#shards.records);
    this.#parts.progress(percent, hostsFound);
    // Last, so that a crash or a full disk costs this note and nothing else.
    await this.#folder.note({ at: this.#parts.clock.nowMs(), percent, hostsFound });
  }
}
