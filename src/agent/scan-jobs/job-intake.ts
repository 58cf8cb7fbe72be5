import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Job, JobsReply } from "../../protocol/schemas/jobs.ts";
import { answeredWith } from "../session/reply-errors.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import { keyOf, type Spool } from "../spool/spool.ts";

export interface JobIntakeParts {
  spool: Spool;
  clock: Clock;
  log: Log;
  /** Tells the platform that the job is durably in the spool. */
  acknowledge(folder: JobFolder, signal: AbortSignal): Promise<void>;
  /** Whether the job's scan has ended and its result waits to be sent. */
  hasEnded(folder: JobFolder): boolean;
  stop(folder: JobFolder): Promise<void>;
  abandon(folder: JobFolder): Promise<void>;
  added(): void;
}

/** A list of this many jobs may have been truncated (protocol/schemas/jobs.ts). */
const mostJobsListed = 100;

/** Brings the spool in line with the platform's list of jobs. */
export class JobIntake {
  readonly #parts: JobIntakeParts;
  /** Attempts whose results the platform has, for as long as it still lists them. */
  readonly #finished = new Set<string>();

  constructor(parts: JobIntakeParts) {
    this.#parts = parts;
  }

  finished(job: Job): void {
    this.#finished.add(keyOf(job));
  }

  /**
   * Takes the platform's list: stops jobs that are over, and adds new ones durably before it
   * acknowledges them. Throws OutriderError "spool-full" when jobs found no room, after all others
   * were handled, so that the list is asked for again.
   */
  async take({ jobs, stop }: Pick<JobsReply, "jobs" | "stop">, signal: AbortSignal): Promise<void> {
    await this.#stopOver(jobs, stop);
    const listed = new Set(jobs.map(keyOf));
    for (const key of this.#finished) if (!listed.has(key)) this.#finished.delete(key);
    let refused = 0;
    for (const job of jobs) {
      // A list that was requested before the result's last receipt arrived still has the job.
      if (stop.includes(job.id) || this.#finished.has(keyOf(job))) continue;
      const folder = await this.#folderOf(job);
      if (folder === "no-room") refused++;
      else if (folder !== null) await this.#acknowledge(folder, signal);
    }
    if (refused > 0)
      throw new OutriderError("spool-full", {
        detail: refused === 1 ? fact("job-left") : fact("jobs-left", { count: refused }),
      });
  }

  /** A scan that is no longer listed was ended while the platform could not be reached. */
  async #stopOver(jobs: readonly Job[], stop: readonly string[]): Promise<void> {
    const isListed = ({ id }: Job) => jobs.some((job) => job.id === id);
    const isOver = (job: Job) =>
      stop.includes(job.id) || (jobs.length < mostJobsListed && !isListed(job));
    for (const folder of this.#parts.spool.jobs())
      if (isOver(folder.job)) await this.#parts.stop(folder);
  }

  /** The folder of this attempt, new or not; null where another attempt of the job counts. */
  async #folderOf(job: Job): Promise<JobFolder | "no-room" | null> {
    const { spool, clock, log, hasEnded, abandon, added } = this.#parts;
    const older = spool
      .jobs()
      .filter((folder) => folder.job.id === job.id && folder.job.attempt < job.attempt);
    // A result counts whichever attempt found it: one that waits to be sent is not thrown away for
    // a new attempt.
    if (older.some(hasEnded)) return null;
    for (const folder of older) await abandon(folder);
    const known = spool.find(job);
    if (known) return known;
    if (spool.jobs().some((other) => other.job.id === job.id)) return null;
    if (!(await spool.takesJobs())) return "no-room";
    const folder = await spool.add(job, clock.nowMs());
    log.info("job taken", { job: job.id, attempt: job.attempt, name: job.scan.name });
    added();
    return folder;
  }

  async #acknowledge(folder: JobFolder, signal: AbortSignal): Promise<void> {
    if (folder.has("acknowledged")) return;
    try {
      await this.#parts.acknowledge(folder, signal);
      await folder.mark("acknowledged");
    } catch (error) {
      if (answeredWith(error, "not-found", "attempt-outdated")) await this.#parts.abandon(folder);
      // Otherwise the platform lists the job again, and it is acknowledged then.
      else if (!signal.aborted)
        this.#parts.log.warning("job could not be acknowledged yet", {
          job: folder.job.id,
          code: asOutriderError(error).code,
        });
    }
  }
}
