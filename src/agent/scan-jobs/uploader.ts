import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import { WakeUp } from "../../base/wake-up.ts";
import { waitAfterFailureMs } from "../schedule/schedule.ts";
import { answeredWith } from "../session/reply-errors.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import type { Spool } from "../spool/spool.ts";
import { Confirmations } from "./confirmations.ts";
import { PartSender } from "./part-sender.ts";
import { pathLimitCode } from "./path-limit.ts";
import type { ResultsService } from "./results-service.ts";
import { wholeCompletion } from "./whole-completion.ts";

export interface UploaderParts {
  spool: Spool;
  results: ResultsService;
  clock: Clock;
  random: Random;
  log: Log;
  /** The platform confirmed the whole result. */
  finished(folder: JobFolder): Promise<void>;
  /** The platform does not know the job or the attempt any more. */
  unknown(folder: JobFolder): Promise<void>;
  /** The number of waiting parts, or the last scan, changed. */
  changed(): void;
}

/** The failure is of this job: the path works, and other jobs go on. */
function isOwnFailure(error: unknown): boolean {
  if (answeredWith(error, "request-invalid", "not-allowed", "parts-missing", "part-conflict"))
    return true;
  return ownFailures.has(asOutriderError(error).code);
}

/** Whoever said so: nothing but the order of the jobs follows from it. */
const ownFailures: ReadonlySet<string> = new Set([
  "service-refused",
  "service-unexpected",
  pathLimitCode,
]);

/** Sends results out of the spool, part by part; a part leaves it only against its receipt. */
export class Uploader {
  readonly #parts: UploaderParts;
  readonly #work = new WakeUp();
  readonly #confirmations: Confirmations;
  readonly #sender: PartSender;
  #failures = 0;

  constructor(parts: UploaderParts) {
    this.#parts = parts;
    this.#confirmations = new Confirmations(parts);
    this.#sender = new PartSender({ ...parts, confirmations: this.#confirmations });
  }

  /** Parts or a completion are new in the spool, or the platform was just reached. */
  wake(): void {
    this.#work.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#parts;
    while (!signal.aborted) {
      this.#work.clear();
      let waitMs = 3_600_000;
      try {
        await this.sendAll(signal);
        this.#failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        const { code, message, retryAfterMs } = asOutriderError(error);
        this.#failures++;
        waitMs = waitAfterFailureMs(
          { failures: this.#failures, retryAfterMs, refusals: 0 },
          random.fraction(),
        );
        log.warning("results could not be sent yet", { code, message, waitMs });
        // Honours Retry-After: new parts do not shorten a wait after a failure.
        await clock.sleep(waitMs, signal).catch(() => undefined);
        continue;
      }
      await this.#work.wait(clock, waitMs, signal).catch(() => undefined);
    }
  }

  /**
   * One round over all jobs. Throws the first failure; one that concerns a single job is thrown
   * after the other jobs were sent.
   */
  async sendAll(signal: AbortSignal): Promise<void> {
    let failure: unknown = null;
    for (const folder of this.#parts.spool.jobs()) {
      try {
        await this.#sendJob(folder, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        if (answeredWith(error, "not-found", "attempt-outdated")) await this.#parts.unknown(folder);
        else if (isOwnFailure(error)) failure ??= error;
        else throw error;
      }
    }
    if (failure !== null) throw failure;
  }

  async #sendJob(folder: JobFolder, signal: AbortSignal): Promise<void> {
    const { parts } = folder;
    await this.#sender.sendWaiting(folder, signal);
    const completion = await folder.completion();
    const vanished = parts.vanished();
    if (vanished.length > 0) await this.#confirmations.settle(folder, vanished, signal);
    // A shard may have ended after the parts were sent: its parts go up in the next round, before
    // the completion.
    if (!completion || parts.waitingCount > 0) return;
    const whole = await wholeCompletion(folder, completion);
    try {
      await this.#parts.results.sendCompletion(folder, whole, signal);
    } catch (error) {
      if (answeredWith(error, "parts-missing", "part-conflict"))
        await this.#confirmations.loseUnknown(folder, signal);
      throw error;
    }
    this.#parts.log.info("result is at the platform", {
      job: folder.job.id,
      parts: whole.partCount,
      lost: whole.lost.length,
    });
    const { endedAt, hostsUp, openPorts, state } = whole;
    // It is only shown: a full disk must not hold the job back.
    await this.#parts.spool
      .writeLastScan({
        name: folder.job.scan.name,
        endedAt,
        state,
        hostsUp,
        openPorts,
        uploaded: true,
      })
      .catch(() => undefined);
    await this.#parts.finished(folder);
    this.#parts.changed();
  }
}
