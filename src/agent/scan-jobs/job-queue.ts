import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { AgentStatus } from "../../configd/api/status.ts";
import type { JobsReply } from "../../protocol/schemas/jobs.ts";
import type { Engine } from "../../scan/engine.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import type { LeftOut } from "../spool/schemas.ts";
import type { Spool } from "../spool/spool.ts";
import { CardWaits } from "./card-waits.ts";
import { JobIntake } from "./job-intake.ts";
import { JobUnits } from "./job-units.ts";
import type { OutputReader } from "./output-reader.ts";
import { ScanJob } from "./scan-job.ts";
import { ShardRunner } from "./shard-runner.ts";

export type JobStatus = AgentStatus["jobs"][number];

export interface JobQueueParts {
  spool: Spool;
  configd: ConfigdClient;
  clock: Clock;
  log: Log;
  scanFolder: string;
  engines: readonly Engine[];
  reader: Pick<OutputReader, "read">;
  /**
   * Read again for each job, as `exclusions` are. Throws OutriderError "scan-card-down" while there
   * is none: the job then waits.
   */
  device(): string | null;
  exclusions(): readonly string[];
  /** Addresses that are left out of a scan of their network. */
  nearby(): Promise<readonly LeftOut[]>;
  /** Tells the platform that the job is durably in the spool. */
  acknowledge(folder: JobFolder, signal: AbortSignal): Promise<void>;
  /** Progress, or the list of jobs, changed. */
  changed(): void;
  /** Parts or a completion wait for their upload. */
  upload(): void;
}

const retryMs = 5000;
const longestRetryMs = 60_000;

/** Takes jobs, runs them one after the other, and stops them. */
export class JobQueue {
  readonly #parts: JobQueueParts;
  readonly #intake: JobIntake;
  readonly #units: JobUnits;
  readonly #work = new WakeUp();
  readonly #progress = new Map<JobFolder, { percent: number; hostsFound: number }>();
  readonly #waits = new Map<JobFolder, CardWaits>();
  readonly #completed = new Set<JobFolder>();
  readonly #abandoned = new WeakSet<JobFolder>();
  /** Stopped before they began: their completion is being written. */
  readonly #ending = new Set<JobFolder>();
  #running: { folder: JobFolder; stop: AbortController } | null = null;

  constructor(parts: JobQueueParts) {
    this.#parts = parts;
    const { spool, configd, clock, log, scanFolder } = parts;
    this.#units = new JobUnits({ configd, clock, scanFolder });
    this.#intake = new JobIntake({
      spool,
      clock,
      log,
      acknowledge: (folder, signal) => parts.acknowledge(folder, signal),
      hasEnded: (folder) => this.#completed.has(folder),
      stop: (folder) => this.#stop(folder),
      abandon: (folder) => this.abandon(folder),
      added: () => {
        parts.changed();
        this.#work.raise();
      },
    });
  }

  /** The jobs as platform and console show them. */
  status(): JobStatus[] {
    return this.#parts.spool.jobs().map((folder) => {
      const { job } = folder;
      const state = this.#stateOf(folder);
      const { percent, hostsFound } = this.#progress.get(folder) ?? { percent: 0, hostsFound: 0 };
      return {
        jobId: job.id,
        attempt: job.attempt,
        state,
        percent: state === "uploading" ? 100 : percent,
        hostsFound,
        name: job.scan.name,
        waitsFor: this.#waits.get(folder)?.first ?? null,
      };
    });
  }

  #stateOf(folder: JobFolder): JobStatus["state"] {
    if (this.#completed.has(folder)) return "uploading";
    return this.#running?.folder === folder ? "running" : "waiting";
  }

  /** Takes the platform's list of jobs. Throws OutriderError "spool-full" (JobIntake.take). */
  take(reply: Pick<JobsReply, "jobs" | "stop">, signal: AbortSignal): Promise<void> {
    return this.#intake.take(reply, signal);
  }

  /** Removes an attempt that the platform does not want any more, with all that it found. */
  async abandon(folder: JobFolder): Promise<void> {
    const { spool, log } = this.#parts;
    log.warning("job abandoned, the platform does not know it any more", {
      job: folder.job.id,
      attempt: folder.job.attempt,
    });
    this.#abandoned.add(folder);
    if (this.#running?.folder === folder)
      this.#running.stop.abort(new OutriderError("scan-stopped"));
    await this.#units.stop(folder.job.id);
    await this.#units.removeFolder(folder.job.id);
    await spool.remove(folder);
    this.#forget(folder);
  }

  /** Stops jobs at an operator's request. */
  async stop(jobIds: readonly string[]): Promise<void> {
    for (const folder of this.#parts.spool.jobs())
      if (jobIds.includes(folder.job.id)) await this.#stop(folder);
  }

  /** Removes a job whose whole result the platform has. */
  async finish(folder: JobFolder): Promise<void> {
    this.#intake.finished(folder.job);
    await this.#units.removeFolder(folder.job.id);
    await this.#parts.spool.remove(folder);
    this.#forget(folder);
  }

  /**
   * Stops the units of all jobs while the platform does not allow this appliance to work. Their
   * results so far stay in the spool.
   */
  async halt(): Promise<void> {
    for (const folder of this.#parts.spool.jobs())
      if (!this.#completed.has(folder)) await this.#units.stop(folder.job.id);
  }

  /** Runs the jobs of the spool one after the other, until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { spool, clock, log } = this.#parts;
    for (const folder of spool.jobs()) if (await folder.completion()) this.#completed.add(folder);
    this.#parts.upload();
    for (let failures = 0; !signal.aborted; ) {
      const folder = spool
        .jobs()
        .find((each) => !this.#completed.has(each) && !this.#ending.has(each));
      if (!folder) {
        await this.#work.wait(clock, 3_600_000, signal).catch(() => undefined);
        this.#work.clear();
        continue;
      }
      try {
        await this.#runJob(folder, signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        const { code, message } = asOutriderError(error);
        if (code === "scan-card-down")
          this.#tellWait(folder, (waits) => waits.setJob(clock.nowMs()));
        log.error("job failed for now, it is tried again", { job: folder.job.id, code, message });
        await clock
          .sleep(Math.min(longestRetryMs, retryMs * 2 ** failures++), signal)
          .catch(() => undefined);
      }
    }
  }

  async #runJob(folder: JobFolder, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    this.#running = { folder, stop };
    this.#parts.changed();
    const job = this.#jobOf(folder);
    try {
      if (folder.has("stopped")) await this.#endStopped(job, folder);
      else await job.run(AbortSignal.any([signal, stop.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (!stop.signal.aborted) throw error;
      // An abandoned job has no folder any more, and nothing to report.
      if (this.#abandoned.has(folder)) return;
      await this.#endStopped(job, folder);
    } finally {
      this.#running = null;
    }
    await this.#ended(folder);
  }

  #jobOf(folder: JobFolder): ScanJob {
    const { configd, clock, log, scanFolder, engines, reader } = this.#parts;
    return new ScanJob(folder, {
      shards: new ShardRunner({
        configd,
        clock,
        log,
        scanFolder,
        engines,
        reader,
        readings: folder,
        waits: (shard, wait) => this.#tellWait(folder, (waits) => waits.setShard(shard, wait)),
      }),
      engines,
      clock,
      log,
      device: () => {
        const device = this.#parts.device();
        this.#tellWait(folder, (waits) => waits.setJob(null));
        return device;
      },
      exclusions: this.#parts.exclusions(),
      nearby: this.#parts.nearby,
      progress: (percent, hostsFound) => {
        this.#progress.set(folder, { percent, hostsFound });
        this.#parts.changed();
      },
      partsWritten: () => this.#parts.upload(),
    });
  }

  #tellWait(folder: JobFolder, change: (waits: CardWaits) => void): void {
    const waits = this.#waits.get(folder) ?? new CardWaits();
    const before = waits.first;
    change(waits);
    if (waits.first !== null) this.#waits.set(folder, waits);
    if (waits.first !== before) this.#parts.changed();
  }

  async #ended(folder: JobFolder): Promise<void> {
    const completion = await folder.completion();
    this.#parts.log.info("scan ended", {
      job: folder.job.id,
      state: completion?.state,
      hostsUp: completion?.hostsUp,
      openPorts: completion?.openPorts,
    });
    this.#completed.add(folder);
    this.#waits.delete(folder);
    this.#parts.changed();
    this.#parts.upload();
  }

  async #endStopped(job: ScanJob, folder: JobFolder): Promise<void> {
    await this.#units.stop(folder.job.id);
    await job.stop();
  }

  async #stop(folder: JobFolder): Promise<void> {
    if (this.#completed.has(folder) || folder.has("stopped")) return;
    this.#parts.log.info("job stopped", { job: folder.job.id });
    // On a full disk it is stopped all the same; after a crash the platform asks for it again.
    await folder.mark("stopped").catch(() => undefined);
    if (this.#running?.folder === folder)
      this.#running.stop.abort(new OutriderError("scan-stopped"));
    else await this.#endWaiting(folder);
  }

  /** Ends a job that waits at once, and not only at its turn. */
  async #endWaiting(folder: JobFolder): Promise<void> {
    this.#ending.add(folder);
    try {
      await this.#endStopped(this.#jobOf(folder), folder);
      await this.#ended(folder);
    } catch {
      // On a full disk, for example: then it ends at its turn.
      this.#work.raise();
    } finally {
      this.#ending.delete(folder);
    }
  }

  #forget(folder: JobFolder): void {
    this.#progress.delete(folder);
    this.#waits.delete(folder);
    this.#completed.delete(folder);
    this.#parts.changed();
  }
}
