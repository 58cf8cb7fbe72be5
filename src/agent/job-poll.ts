import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { asOutriderError, type OutriderError } from "../protocol/error.ts";
import type { JobsReply } from "../protocol/schemas/jobs.ts";
import { waitAfterFailureMs } from "./schedule.ts";
import { awaitJobs, listJobs } from "./services/jobs.ts";
import type { Session } from "./session.ts";
import { Signal } from "./wake.ts";

export interface JobPollParts {
  session: Pick<Session, "contact">;
  clock: Clock;
  random: Random;
  log: Log;
  take(reply: JobsReply, signal: AbortSignal): Promise<void>;
}

/** Where the path does not keep a held request alive, that is tried again after this. */
const longPollPauseMs = 3_600_000;
const shortestGapMs = 1000;
const unbearable = new Set(["service-silent", "connect-reset", "service-error", "service-block-page", "service-unexpected"]);

/**
 * Jobs by a request that the platform holds until there are some. Where the path cuts such requests, the versions that the
 * heartbeat brings say when to ask.
 */
export class JobPoll {
  readonly #parts: JobPollParts;
  readonly #news = new Signal();
  #version: number | null = null;
  #pausedUntilMs = 0;

  constructor(parts: JobPollParts) {
    this.#parts = parts;
  }

  /** What the heartbeat's reply says of the list of jobs. */
  heard(version: number): void {
    if (version !== this.#version) this.#news.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#parts;
    // Nothing is asked before the first heartbeat got through: it is the one that keeps to the schedule.
    await this.#rest(signal);
    let failures = 0;
    /** A held request that failed. When the one after it, which is not held, gets through, it was no outage. */
    let cut: OutriderError | null = null;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      const held = this.#version !== null && cut === null && startedMs >= this.#pausedUntilMs;
      try {
        this.#news.clear();
        const reply = await this.#ask(held, signal);
        if (cut !== null) {
          log.warning("the path does not keep a waiting request alive; jobs are asked for with the heartbeats", { code: cut.code, detail: cut.detail });
          this.#pausedUntilMs = clock.monotonicMs() + longPollPauseMs;
          cut = null;
        }
        await this.#parts.take(reply, signal);
        this.#version = reply.version;
        failures = 0;
        if (clock.monotonicMs() < this.#pausedUntilMs) await this.#rest(signal);
        else if (clock.monotonicMs() - startedMs < shortestGapMs) await clock.sleep(shortestGapMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        const failure = asOutriderError(error);
        if (held && unbearable.has(failure.code)) {
          cut = failure;
          continue;
        }
        cut = null;
        failures++;
        const waitMs = waitAfterFailureMs({ failures, retryAfterMs: failure.retryAfterMs, refusals: 0 }, random.fraction());
        log.warning("jobs service failed", { code: failure.code, detail: failure.detail, nextTryMs: waitMs });
        await clock.sleep(waitMs, signal).catch(() => undefined);
      }
    }
  }

  #ask(held: boolean, signal: AbortSignal): Promise<JobsReply> {
    const after = this.#version;
    return this.#parts.session.contact("jobs", signal, (client, url) =>
      held && after !== null ? awaitJobs(client, url, after, signal) : listJobs(client, url, signal),
    );
  }

  /** Until a heartbeat brings news. */
  async #rest(signal: AbortSignal): Promise<void> {
    await this.#news.wait(this.#parts.clock, longPollPauseMs, signal).catch(() => undefined);
  }
}
