import { expandTargets } from "../../base/addresses/scan-targets.ts";
import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../base/messages/error.ts";
import type { Job } from "../../protocol/schemas/jobs.ts";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import {
  defaultEngine,
  type Engine,
  engineFor,
  type Phase,
  type PlannedShard,
} from "../../scan/engine.ts";
import { profiles } from "../../scan/profiles.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import type { SpooledPlan, SpooledShard, SpooledShards } from "../spool/schemas.ts";
import { percentDone, summarize } from "./completion.ts";
import type { ShardOutcome, ShardRunner } from "./shard-runner.ts";

export interface ScanJobParts {
  shards: Pick<ShardRunner, "run" | "dropOutdated">;
  engines: readonly Engine[];
  clock: Clock;
  /** The kernel's name of the interface that scans go out of. */
  device: string | null;
  /** The settings' exclusions; no job overrules them. */
  exclusions: readonly string[];
  progress(percent: number, hostsFound: number): void;
  /** Called when new parts are in the spool. */
  partsWritten(): void;
}

/** Errors of planning that the job itself causes: it ends as failed. */
const cannotBePlanned: ReadonlySet<string> = new Set([
  "scan-targets-invalid",
  "scan-engine-failed",
]);

/**
 * One scan from its plan to its completion. Each result is durably in the job's folder before the
 * scan goes on, so that it can be resumed from any point: a shard with a record is not run again.
 */
export class ScanJob {
  readonly #folder: JobFolder;
  readonly #parts: ScanJobParts;
  readonly #job: Job;
  readonly #records = new Map<number, SpooledShard>();
  #plan: SpooledPlan | null = null;
  #services: SpooledShards | null = null;

  constructor(folder: JobFolder, parts: ScanJobParts) {
    this.#folder = folder;
    this.#parts = parts;
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
    try {
      this.#plan = (await this.#folder.plan()) ?? (await this.#makePlan());
    } catch (error) {
      if (error instanceof OutriderError && cannotBePlanned.has(error.code))
        return await this.#refuse(error);
      throw error;
    }
    await this.#parts.shards.dropOutdated(this.#job, signal);
    await this.#runAll(this.#plan.shards, signal);
    this.#services = (await this.#folder.serviceShards()) ?? (await this.#makeServices(this.#plan));
    await this.#runAll(this.#services.shards, signal);
    await this.#complete(false);
  }

  /** Writes the completion of a stopped job, with what was found until then. */
  async stop(): Promise<void> {
    this.#plan ??= await this.#folder.plan();
    this.#services ??= await this.#folder.serviceShards();
    for (const { shard } of [...(this.#plan?.shards ?? []), ...(this.#services?.shards ?? [])])
      await this.#load(shard);
    await this.#complete(true);
  }

  async #makePlan(): Promise<SpooledPlan> {
    const shards = this.#planPhase("discover", [], 0);
    // Fails now, and not after the discovery, when no engine can do the next phase.
    engineFor(this.#parts.engines, "services", this.#job.engine);
    const plan = {
      startedAt: this.#parts.clock.nowMs(),
      addresses: shards.reduce((sum, { addresses }) => sum + addresses, 0),
      shards,
    };
    await this.#folder.writePlan(plan);
    return plan;
  }

  async #makeServices(plan: SpooledPlan): Promise<SpooledShards> {
    const up = plan.shards.flatMap(({ shard }) => this.#records.get(shard)?.up ?? []);
    const services = { shards: this.#planPhase("services", up, plan.shards.length) };
    await this.#folder.writeServiceShards(services);
    return services;
  }

  #planPhase(phase: Phase, hosts: readonly string[], firstShard: number): PlannedShard[] {
    const { scan, engine } = this.#job;
    return engineFor(this.#parts.engines, phase, engine).plan({ phase, scan, hosts, firstShard });
  }

  /**
   * Runs the shards that have no record, as many at the same time as the profile allows. The first
   * one that rejects ends the others.
   */
  async #runAll(shards: readonly PlannedShard[], signal: AbortSignal): Promise<void> {
    for (const { shard } of shards) await this.#load(shard);
    await this.#showProgress();
    const waiting = shards.filter(({ shard }) => !this.#records.has(shard));
    const sharing = Math.min(
      profiles[this.#folder.job.scan.profile].parallelShards,
      Math.max(1, shards.length),
    );
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    const worker = async () => {
      for (let shard = waiting.shift(); shard; shard = waiting.shift()) {
        stop.throwIfAborted();
        await this.#record(
          shard,
          await this.#parts.shards.run(
            this.#job,
            shard,
            { device: this.#parts.device, sharing },
            stop,
          ),
          stop,
        );
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

  async #record(planned: PlannedShard, outcome: ShardOutcome, signal: AbortSignal): Promise<void> {
    const hosts =
      planned.phase === "services"
        ? withMissing(planned, outcome, this.#job.scan.exclusions)
        : outcome.hosts;
    if (planned.phase === "services") {
      await this.#folder.writeParts(planned.shard, hosts, signal);
      this.#parts.partsWritten();
    }
    const record = await this.#folder.writeShard({
      shard: planned.shard,
      outcome: outcome.accepted ? "done" : "failed",
      reason: outcome.reason.slice(0, 500),
      up: outcome.hosts.map(({ address }) => address),
      addresses: planned.addresses,
      engine: planned.engine ?? defaultEngine,
      openPorts: hosts.reduce(
        (sum, { ports }) => sum + ports.filter(({ state }) => state === "open").length,
        0,
      ),
      timedOut: outcome.accepted
        ? hosts.filter(({ timedOut }) => timedOut).map(({ address }) => address)
        : [],
      engineVersion: outcome.engineVersion,
    });
    this.#records.set(planned.shard, record);
    await this.#showProgress();
  }

  async #load(shard: number): Promise<void> {
    const record = await this.#folder.shard(shard);
    if (record) this.#records.set(shard, record);
  }

  async #refuse(error: OutriderError): Promise<void> {
    const now = this.#parts.clock.nowMs();
    const nothing = summarize({
      plan: { startedAt: now, addresses: 0, shards: [] },
      services: null,
      records: this.#records,
      stopped: false,
      endedAt: now,
    });
    await this.#folder.writeCompletion({
      ...nothing,
      state: "failed",
      problems: [{ code: error.code, detail: (error.detail ?? "").slice(0, 500) }],
    });
  }

  async #complete(stopped: boolean): Promise<void> {
    const now = this.#parts.clock.nowMs();
    const plan = this.#plan ?? { startedAt: now, addresses: 0, shards: [] };
    await this.#folder.writeCompletion(
      summarize({ plan, services: this.#services, records: this.#records, stopped, endedAt: now }),
    );
  }

  async #showProgress(): Promise<void> {
    if (!this.#plan) return;
    const hostsFound = new Set(
      this.#plan.shards.flatMap(({ shard }) => this.#records.get(shard)?.up ?? []),
    ).size;
    const percent = percentDone(this.#plan, this.#services, this.#records);
    this.#parts.progress(percent, hostsFound);
    // Last, so that a crash or a full disk costs this note and nothing else.
    await this.#folder.note({ at: this.#parts.clock.nowMs(), percent, hostsFound });
  }
}

/**
 * The shard's hosts, with those that a failed shard did not finish: they are marked `timedOut`, so
 * that no missing port of theirs is read as closed.
 */
function withMissing(
  planned: PlannedShard,
  outcome: ShardOutcome,
  exclusions: readonly string[],
): HostObservation[] {
  const seen = new Set(outcome.hosts.map(({ address }) => address));
  const missing = outcome.accepted
    ? []
    : [...expandTargets(planned.targets, exclusions)].filter((address) => !seen.has(address));
  return [
    ...outcome.hosts,
    ...missing.map((address) => ({
      address,
      hostnames: [],
      reason: "",
      ports: [],
      timedOut: true,
    })),
  ];
}
