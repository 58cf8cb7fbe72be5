import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { AgentStatus } from "../../configd/api/status.ts";
import type { Job, JobsReply } from "../../protocol/schemas/jobs.ts";
import { stopAskedFile } from "../../scan/files.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import { keyOf, type Spool } from "../spool/spool.ts";
import { ScanJob } from "./scan-job.ts";
import { ShardRunner } from "./shard-runner.ts";

export type JobStatus = AgentStatus["jobs"][number];

export interface JobQueueParts {
  spool: Spool;
  configd: ConfigdClient;
  clock: Clock;
  log: Log;
  scanFolder: string;
  /** Read anew for each job. */
  device(): string | null;
  exclusions(): readonly string[];
  /** Tells the platform that the job is safe here. */
  acknowledge(folder: JobFolder, signal: AbortSignal): Promise<void>;
  /** Progress, or the list of jobs, changed. */
  changed(): void;
  /** There is something to upload. */
  upload(): void;
}

const retryMs = 5000;
/** How soon a scan ends after somebody at the console wished so. */
const stopAskedMs = 2000;
const longestRetryMs = 60_000;
/** A list of so many jobs may have been cut (protocol/schemas/jobs.ts). */
const mostJobsListed = 100;

/** Takes jobs in, runs them one after the other, and stops them. */
export class JobQueue {
  readonly #parts: JobQueueParts;
  readonly #work = new WakeUp();
  readonly #progress = new Map<JobFolder, { percent: number; hostsFound: number }>();
  readonly #completed = new Set<JobFolder>();
  readonly #abandoned = new WeakSet<JobFolder>();
  /** Stopped before they began: their completion is being written. */
  readonly #ending = new Set<JobFolder>();
  /** Attempts that went to the platform whole, as long as it still lists them. */
  readonly #finished = new Set<string>();
  #running: { folder: JobFolder; stop: AbortController } | null = null;

  constructor(parts: JobQueueParts) {
    this.#parts = parts;
  }

  /** The jobs as the platform and the console see them. */
  status(): JobStatus[] {
    return this.#parts.spool.jobs().map((folder) => {
      const { job } = folder;
      const state = this.#completed.has(folder)
        ? "uploading"
        : this.#running?.folder === folder
          ? "running"
          : "waiting";
      const { percent, hostsFound } = this.#progress.get(folder) ?? { percent: 0, hostsFound: 0 };
      return {
        jobId: job.id,
        attempt: job.attempt,
        state,
        percent: state === "uploading" ? 100 : percent,
        hostsFound,
        name: job.scan.name,
      };
    });
  }

  /** What the platform lists: new jobs become durable before they are acknowledged. */
  async take({ jobs, stop }: Pick<JobsReply, "jobs" | "stop">, signal: AbortSignal): Promise<void> {
    const { spool, clock, log } = this.#parts;
    const isListed = ({ id }: { id: string }) => jobs.some((job) => job.id === id);
    // A scan that is listed no longer was ended over there while this appliance could not be
    // reached.
    const isOver = (job: Job) =>
      stop.includes(job.id) || (jobs.length < mostJobsListed && !isListed(job));
    for (const folder of spool.jobs()) if (isOver(folder.job)) await this.#stop(folder);
    const listed = new Set(jobs.map(keyOf));
    for (const key of this.#finished) if (!listed.has(key)) this.#finished.delete(key);
    let refused = 0;
    for (const job of jobs) {
      // A list that was on its way while the result's last receipt came still has the job.
      if (stop.includes(job.id) || this.#finished.has(keyOf(job))) continue;
      const older = spool
        .jobs()
        .filter((folder) => folder.job.id === job.id && folder.job.attempt < job.attempt);
      // What was found out counts, of whichever attempt: a result that waits to be sent is not
      // thrown away for a new try.
      if (older.some((folder) => this.#completed.has(folder))) continue;
      for (const folder of older) await this.abandon(folder);
      let folder = spool.find(job);
      if (!folder) {
        if (spool.jobs().some((other) => other.job.id === job.id)) continue;
        if (!(await spool.takesJobs())) {
          refused++;
          continue;
        }
        folder = await spool.add(job, clock.nowMs());
        log.info("job taken", { job: job.id, attempt: job.attempt, name: job.scan.name });
        this.#parts.changed();
        this.#work.raise();
      }
      await this.#acknowledge(folder, signal);
    }
    // As a failure, so that they are asked for again.
    if (refused > 0)
      throw new OutriderError("spool-full", {
        detail: refused === 1 ? fact("job-left") : fact("jobs-left", { count: refused }),
      });
  }

  /** The platform wants no more of this attempt: whatever of it is here goes. */
  async abandon(folder: JobFolder): Promise<void> {
    const { spool, log } = this.#parts;
    log.warning("job abandoned, the platform does not know it any more", {
      job: folder.job.id,
      attempt: folder.job.attempt,
    });
    this.#abandoned.add(folder);
    if (this.#running?.folder === folder)
      this.#running.stop.abort(new OutriderError("scan-stopped"));
    await this.#stopShards(folder);
    await this.#removeScanFolder(folder);
    await spool.remove(folder);
    this.#forget(folder);
  }

  /** Somebody at the appliance wants these to end. */
  async stop(jobIds: readonly string[]): Promise<void> {
    for (const folder of this.#parts.spool.jobs())
      if (jobIds.includes(folder.job.id)) await this.#stop(folder);
  }

  /** All of it is at the platform. */
  async finish(folder: JobFolder): Promise<void> {
    this.#finished.add(keyOf(folder.job));
    await this.#removeScanFolder(folder);
    await this.#parts.spool.remove(folder);
    this.#forget(folder);
  }

  /**
   * Nothing of a job goes on in its units: this appliance shall not work. What was found out so far
   * stays.
   */
  async halt(): Promise<void> {
    for (const folder of this.#parts.spool.jobs())
      if (!this.#completed.has(folder)) await this.#stopShards(folder);
  }

  /** Runs the jobs that are in the spool, one after the other, until `signal` is aborted. */
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
        log.error("the job cannot go on for now", { job: folder.job.id, code, message });
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
    const over = new AbortController();
    void this.#heedConsole(folder, AbortSignal.any([signal, over.signal]));
    try {
      if (folder.has("stopped")) await this.#endStopped(job, folder);
      else await job.run(AbortSignal.any([signal, stop.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (!stop.signal.aborted) throw error;
      // An abandoned job has no folder any more, and nothing to tell.
      if (this.#abandoned.has(folder)) return;
      await this.#endStopped(job, folder);
    } finally {
      over.abort();
      this.#running = null;
    }
    await this.#ended(folder);
  }

  #jobOf(folder: JobFolder): ScanJob {
    const { configd, clock, log, scanFolder } = this.#parts;
    return new ScanJob(folder, {
      shards: new ShardRunner({ configd, clock, log, scanFolder }),
      clock,
      device: this.#parts.device(),
      exclusions: this.#parts.exclusions(),
      progress: (percent, hostsFound) => {
        this.#progress.set(folder, { percent, hostsFound });
        this.#parts.changed();
      },
      partsWritten: () => this.#parts.upload(),
    });
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
    this.#parts.changed();
    this.#parts.upload();
  }

  async #endStopped(job: ScanJob, folder: JobFolder): Promise<void> {
    await this.#stopShards(folder);
    await job.stop();
  }

  /** Stops the job when configd has left word in its folder, as if the platform had said so. */
  async #heedConsole(folder: JobFolder, signal: AbortSignal): Promise<void> {
    const word = join(this.#parts.scanFolder, folder.job.id, stopAskedFile);
    while (!signal.aborted) {
      await this.#parts.clock.sleep(stopAskedMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      const asked = await access(word).then(
        () => true,
        () => false,
      );
      if (asked) return this.#stop(folder);
    }
  }

  async #stop(folder: JobFolder): Promise<void> {
    if (this.#completed.has(folder) || folder.has("stopped")) return;
    this.#parts.log.info("job stopped by the platform", { job: folder.job.id });
    // On a full disk it is stopped all the same; after a crash the platform says so again.
    await folder.mark("stopped").catch(() => undefined);
    if (this.#running?.folder === folder)
      this.#running.stop.abort(new OutriderError("scan-stopped"));
    else await this.#endWaiting(folder);
  }

  /** One that waits ends at once, not only when its turn would have come. */
  async #endWaiting(folder: JobFolder): Promise<void> {
    this.#ending.add(folder);
    try {
      await this.#endStopped(this.#jobOf(folder), folder);
      await this.#ended(folder);
    } catch {
      // As on a full disk: then it ends when its turn comes.
      this.#work.raise();
    } finally {
      this.#ending.delete(folder);
    }
  }

  async #acknowledge(folder: JobFolder, signal: AbortSignal): Promise<void> {
    if (folder.has("acknowledged")) return;
    try {
      await this.#parts.acknowledge(folder, signal);
      await folder.mark("acknowledged");
    } catch (error) {
      const { code } = asOutriderError(error);
      if (code === "not-found" || code === "attempt-outdated") await this.abandon(folder);
      // Otherwise the platform lists the job again, and it is acknowledged then.
      else if (!signal.aborted)
        this.#parts.log.warning("a job could not be acknowledged yet", {
          job: folder.job.id,
          code,
        });
    }
  }

  /**
   * configd may be restarting: a shard that goes on scanning after "stop" would be worse than
   * waiting for it a little.
   */
  async #stopShards(folder: JobFolder): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      try {
        await this.#parts.configd.call("stopJob", { jobId: folder.job.id });
        return;
      } catch (error) {
        if (asOutriderError(error).code !== "configd-unreachable") return;
        await this.#parts.clock.sleep(1000);
      }
    }
  }

  async #removeScanFolder(folder: JobFolder): Promise<void> {
    await rm(join(this.#parts.scanFolder, folder.job.id), { recursive: true, force: true });
  }

  #forget(folder: JobFolder): void {
    this.#progress.delete(folder);
    this.#completed.delete(folder);
    this.#parts.changed();
  }
}
