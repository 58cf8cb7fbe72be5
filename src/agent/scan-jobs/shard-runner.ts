import { watch } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { rangesToScan } from "../../base/addresses/scan-targets.ts";
import type { Validator } from "../../base/checks.ts";
import type { Clock } from "../../base/clock.ts";
import { makeFolderDurably, removeDurably, writeDurably } from "../../base/durable-file.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { Job } from "../../protocol/schemas/jobs.ts";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import { type ShardFiles, shardFiles } from "../../scan/files.ts";
import { judgeShard } from "../../scan/nmap/acceptance.ts";
import { readNmapXml } from "../../scan/nmap/xml.ts";
import { type PlannedShard, shardPlan } from "../../scan/plan.ts";
import type { ShardDone, ShardPlan } from "../../scan/schemas.ts";
import { validators as scanValidators } from "../../scan/validators.ts";
import { readSharedFile, sharedFileChunks } from "./shared-file.ts";

export interface ShardOutcome {
  accepted: boolean;
  /** Why not. */
  reason: string;
  /** Hosts that are up; of a run that was not accepted those that it had finished. */
  hosts: HostObservation[];
  engineVersion: string;
}

export interface ShardRunnerParts {
  configd: ConfigdClient;
  clock: Clock;
  log: Log;
  /** /data/outrider/scan */
  scanFolder: string;
}

const mostTries = 2;
/** How often to ask whether the unit still runs, where no file says that it ended. */
const recheckMs = 5000;
const configdRetryMs = 2000;
const sharedFileMode = 0o660;
const planEnding = ".plan.json";
/** Plans and done files; the runner takes no larger plan either. */
const largestJsonBytes = 2 ** 20;

/**
 * Has one shard run in its unit, or finds the run that an earlier life of this agent started, and
 * reads what it left.
 */
export class ShardRunner {
  readonly #parts: ShardRunnerParts;

  constructor(parts: ShardRunnerParts) {
    this.#parts = parts;
  }

  /**
   * Ends what an earlier life of the agent had planned before something was excluded: it would go
   * on scanning that, and what it has found already is in a result that nobody wanted. Its shards
   * are planned anew then.
   */
  async dropOutdated(job: Job, signal: AbortSignal): Promise<void> {
    const folder = join(this.#parts.scanFolder, job.id);
    const names = (await readdir(folder).catch(() => [])).filter((name) =>
      name.endsWith(planEnding),
    );
    const plans = await Promise.all(
      names.map((name) => readJson(join(folder, name), scanValidators.ShardPlan)),
    );
    const outdated = plans.find(
      (plan) =>
        plan?.attempt === job.attempt &&
        !job.scan.exclusions.every((text) => plan.exclusions.includes(text)),
    );
    if (!outdated) return;
    this.#parts.log.warning(
      "there are more exclusions now: what is being scanned is planned anew",
      { job: job.id },
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
    surroundings: { device: string | null; sharing: number },
    signal: AbortSignal,
  ): Promise<ShardOutcome> {
    // All of it may have been excluded since it was planned.
    if (rangesToScan(planned.targets, job.scan.exclusions).length === 0)
      return { accepted: true, reason: "", hosts: [], engineVersion: "" };
    const files = shardFiles(join(this.#parts.scanFolder, job.id), planned.shard);
    const earlier = await readJson(files.plan, scanValidators.ShardPlan);
    const resumed =
      earlier?.attempt === job.attempt && earlier.shard === planned.shard ? earlier : null;
    for (let tryNumber = resumed?.tryNumber ?? 1; ; tryNumber++) {
      const fresh = shardPlan(planned, {
        jobId: job.id,
        attempt: job.attempt,
        tryNumber,
        scan: job.scan,
        ...surroundings,
      });
      const plan = resumed?.tryNumber === tryNumber ? resumed : fresh;
      const outcome = await this.#tryOnce(plan, files, plan === resumed, signal);
      if (outcome.accepted || tryNumber >= mostTries) return outcome;
      this.#parts.log.warning("shard failed and is tried again", {
        job: job.id,
        shard: planned.shard,
        reason: outcome.reason,
      });
    }
  }

  async #tryOnce(
    plan: ShardPlan,
    files: ShardFiles,
    resumed: boolean,
    signal: AbortSignal,
  ): Promise<ShardOutcome> {
    const ended = resumed ? await readDone(files, plan) : null;
    const running = resumed && !ended && (await this.#isRunning(plan, signal));
    if (!ended && !running) {
      const failure = await this.#start(plan, files, signal);
      if (failure !== null)
        return { accepted: false, reason: failure, hosts: [], engineVersion: "" };
    }
    const done = ended ?? (await this.#awaitEnd(plan, files, signal));
    const run = await readNmapXml(sharedFileChunks(files.xml));
    const verdict = done
      ? judgeShard(plan, done, run)
      : { accepted: false as const, reason: "the engine was ended from outside" };
    return {
      accepted: verdict.accepted,
      reason: verdict.accepted ? "" : verdict.reason,
      hosts: run.hosts,
      engineVersion: run.version,
    };
  }

  /** Null when it runs, else why it cannot be started. */
  async #start(plan: ShardPlan, files: ShardFiles, signal: AbortSignal): Promise<string | null> {
    const folder = join(this.#parts.scanFolder, plan.jobId);
    await makeFolderDurably(folder, 0o2770);
    // The umask took the group's bits, and the runner is in this group. The set-group-id bit comes
    // from the folder above.
    await chmod(folder, 0o2770);
    await removeDurably(files.done);
    await rm(files.xml, { force: true });
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

  /** Asks until configd is there. */
  async #persist(
    ask: (signal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      try {
        await ask(signal);
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

  /** Null when the unit is gone and left no done file: killed, or the machine was. */
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
    try {
      for (;;) {
        const done = await readDone(files, plan);
        if (done) return done;
        // The done file is written before the unit ends: one that is not there after the end was
        // seen never comes.
        if (!changed.raised && !(await this.#isRunning(plan, signal)))
          return await readDone(files, plan);
        await changed.wait(this.#parts.clock, recheckMs, signal);
        changed.clear();
      }
    } finally {
      watcher.close();
    }
  }
}

async function readDone(files: ShardFiles, plan: ShardPlan): Promise<ShardDone | null> {
  const done = await readJson(files.done, scanValidators.ShardDone);
  return done?.attempt === plan.attempt && done.tryNumber === plan.tryNumber ? done : null;
}

async function readJson<T>(path: string, validate: Validator<T>): Promise<T | null> {
  try {
    const parsed = validate(JSON.parse(await readSharedFile(path, largestJsonBytes)));
    return parsed.valid ? parsed.value : null;
  } catch {
    return null;
  }
}
