import { watch } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { plannedRanges } from "../../base/addresses/scan-targets.ts";
import type { Clock } from "../../base/clock.ts";
import { makeFolderDurably, removeDurably, writeDurably } from "../../base/durable-file.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { ScanWait } from "../../configd/api/status.ts";
import type { Job } from "../../protocol/schemas/jobs.ts";
import { defaultEngine, type Engine, engineNamed, type PlannedShard } from "../../scan/engine.ts";
import { isPlanFile, planFile, type ShardFiles, shardFiles } from "../../scan/files.ts";
import { shardPlan } from "../../scan/plan.ts";
import type { ShardDone, ShardPlan } from "../../scan/schemas.ts";
import { validators as scanValidators } from "../../scan/validators.ts";
import { ToldWait } from "./card-waits.ts";
import { nothing, type OutcomeParts, readOutcome, type ShardOutcome } from "./shard-outcome.ts";
import { readDone, readJson, readWait } from "./shard-reports.ts";

/** Where and how a shard runs. */
export interface Surroundings {
  device: string | null;
  sharing: number;
  cardWaitSeconds?: number;
}

export interface ShardRunnerParts extends OutcomeParts {
  configd: ConfigdClient;
  clock: Clock;
  log: Log;
  /** /data/outrider/scan */
  scanFolder: string;
  engines: readonly Engine[];
  /** Called when a shard begins to wait for its card, and with null when it goes on. */
  waits?(shard: number, wait: ScanWait | null): void;
}

/** Longer than two readings of one output may take. */
const longestSalvageMs = 900_000;
const mostTries = 2;
/** How often the agent asks whether the unit still runs, in case no file reports its end. */
const recheckMs = 5000;
const configdRetryMs = 2000;
const unitEndCheckMs = 200;
/** Five seconds: a runner that wrote its done file has nothing left to do. */
const mostUnitEndChecks = 25;
const sharedFileMode = 0o660;

/**
 * Runs one shard in its unit, or finds the run that an earlier process of this agent started, and
 * reads the engine's output.
 */
export class ShardRunner {
  readonly #parts: ShardRunnerParts;

  constructor(parts: ShardRunnerParts) {
    this.#parts = parts;
  }

  /**
   * Stops the job's shards and removes their plans when one was planned before something was
   * excluded, or for another card: it would scan what must not be scanned, or by a card that has
   * another role now, and its result may hold that already. The shards are then planned again.
   */
  async dropOutdated(job: Job, device: string | null, signal: AbortSignal): Promise<void> {
    const folder = join(this.#parts.scanFolder, job.id);
    const names = (await readdir(folder).catch(() => [])).filter(isPlanFile);
    const plans = await Promise.all(
      names.map((name) => readJson(join(folder, name), scanValidators.ShardPlan)),
    );
    const outdated = plans.find(
      (plan) =>
        plan?.attempt === job.attempt &&
        (plan.device !== device ||
          !job.scan.exclusions.every((text) => plan.exclusions.includes(text))),
    );
    if (!outdated) return;
    this.#parts.log.warning(
      "exclusions or the card have changed: the shards that run are stopped and planned again",
      { job: job.id, device },
    );
    await this.#persist(
      (stop) => this.#parts.configd.call("stopJob", { jobId: job.id }, stop),
      signal,
    );
    for (const name of names) await removeDurably(join(folder, name));
  }

  async run(
    job: Job,
    planned: PlannedShard,
    surroundings: Surroundings,
    signal: AbortSignal,
  ): Promise<ShardOutcome> {
    // The shard's targets may have been excluded since it was planned.
    if (plannedRanges(planned.targets, job.scan.exclusions).length === 0)
      return { ...nothing, accepted: true };
    const engine = engineNamed(this.#parts.engines, planned.engine);
    const jobFolder = join(this.#parts.scanFolder, job.id);
    const files = shardFiles(jobFolder, planned.shard, engine);
    const earlier = await readJson(planFile(jobFolder, planned.shard), scanValidators.ShardPlan);
    const resumed =
      earlier?.attempt === job.attempt &&
      earlier.shard === planned.shard &&
      (earlier.engine ?? defaultEngine) === engine.name
        ? earlier
        : null;
    for (let tryNumber = resumed?.tryNumber ?? 1; ; tryNumber++) {
      const fresh = shardPlan(engine, planned, {
        jobId: job.id,
        attempt: job.attempt,
        tryNumber,
        scan: job.scan,
        ...surroundings,
      });
      const plan = resumed?.tryNumber === tryNumber ? resumed : fresh;
      const outcome = await this.#tryOnce(engine, plan, files, plan === resumed, signal);
      const sameAgain = outcome.cardGone === true || (outcome.tooMuch && outcome.ended);
      if (outcome.accepted || sameAgain || tryNumber >= mostTries) return outcome;
      this.#parts.log.warning("shard failed, it is tried again", {
        job: job.id,
        shard: planned.shard,
        reason: outcome.reason,
      });
      await this.#awaitUnitEnd(plan, signal);
    }
  }

  /**
   * Waits until the unit of a try has ended. The runner writes the done file before it ends, and
   * systemd does nothing when a unit is started that still runs: the next try would not happen.
   */
  async #awaitUnitEnd(plan: ShardPlan, signal: AbortSignal): Promise<void> {
    for (let checks = 0; checks < mostUnitEndChecks; checks++) {
      if (!(await this.#isRunning(plan, signal))) return;
      await this.#parts.clock.sleep(unitEndCheckMs, signal);
    }
  }

  async #tryOnce(
    engine: Engine,
    plan: ShardPlan,
    files: ShardFiles,
    resumed: boolean,
    signal: AbortSignal,
  ): Promise<ShardOutcome> {
    const ended = resumed ? await readDone(files, plan) : null;
    const running = resumed && !ended && (await this.#isRunning(plan, signal));
    if (!ended && !running) {
      const failure = await this.#start(plan, files, signal);
      if (failure !== null) return { ...nothing, reason: failure };
    }
    const done = ended ?? (await this.#awaitEnd(plan, files, signal));
    return await readOutcome(this.#parts, engine, plan, files, done, signal);
  }

  /**
   * What the engine had found of a shard that was started and has no outcome, as when the scan is
   * stopped; null when it never began.
   */
  async leftovers(job: Job, planned: PlannedShard): Promise<ShardOutcome | null> {
    const engine = engineNamed(this.#parts.engines, planned.engine);
    const jobFolder = join(this.#parts.scanFolder, job.id);
    const plan = await readJson(planFile(jobFolder, planned.shard), scanValidators.ShardPlan);
    if (plan?.attempt !== job.attempt) return null;
    const files = shardFiles(jobFolder, planned.shard, engine);
    const limit = AbortSignal.timeout(longestSalvageMs);
    return await readOutcome(this.#parts, engine, plan, files, null, limit);
  }

  /** Starts the shard's unit. Null when it runs, else why it cannot be started. */
  async #start(plan: ShardPlan, files: ShardFiles, signal: AbortSignal): Promise<string | null> {
    const folder = join(this.#parts.scanFolder, plan.jobId);
    await makeFolderDurably(folder, 0o2770);
    // The umask took the group's bits, which the runner needs. The set-group-id bit is inherited
    // from the folder above.
    await chmod(folder, 0o2770);
    await removeDurably(files.done);
    for (const file of [files.output, files.progress, files.waiting])
      await rm(file, { force: true });
    await writeDurably(files.plan, JSON.stringify(plan), { mode: sharedFileMode });
    try {
      await this.#persist(
        (stop) =>
          this.#parts.configd.call("startShard", { jobId: plan.jobId, shard: plan.shard }, stop),
        signal,
      );
      return null;
    } catch (error) {
      signal.throwIfAborted();
      return asOutriderError(error).message.slice(0, 300);
    }
  }

  /** Repeats a request while configd cannot be reached, as during its restart. */
  async #persist(
    request: (signal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      try {
        await request(signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (asOutriderError(error).code !== "configd-unreachable") throw error;
        await this.#parts.clock.sleep(configdRetryMs, signal);
      }
    }
  }

  async #isRunning({ jobId, shard }: ShardPlan, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      try {
        const { running } = await this.#parts.configd.call("shards", { jobId }, signal);
        return running.includes(shard);
      } catch {
        signal.throwIfAborted();
        await this.#parts.clock.sleep(configdRetryMs, signal);
      }
    }
  }

  /** Waits for the done file; null when the unit ended without one, as when it was killed. */
  async #awaitEnd(
    plan: ShardPlan,
    files: ShardFiles,
    signal: AbortSignal,
  ): Promise<ShardDone | null> {
    const changed = new WakeUp();
    const watcher = watch(join(this.#parts.scanFolder, plan.jobId), { persistent: false }, () =>
      changed.raise(),
    );
    watcher.on("error", () => undefined);
    const told = new ToldWait((wait) => this.#parts.waits?.(plan.shard, wait));
    try {
      for (;;) {
        const done = await readDone(files, plan);
        if (done) return done;
        told.set(await readWait(files, plan));
        // The runner writes the done file before its unit ends: once the unit has ended, a missing
        // file does not come any more.
        if (!changed.raised && !(await this.#isRunning(plan, signal)))
          return await readDone(files, plan);
        await changed.wait(this.#parts.clock, recheckMs, signal);
        changed.clear();
      }
    } finally {
      watcher.close();
      told.set(null);
    }
  }
}
