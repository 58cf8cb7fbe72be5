import { ignoringAbort } from "../../base/aborted.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, type OutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { JobsReply } from "../../protocol/schemas/jobs.ts";
import { afterCutDelayMs, waitAfterFailureMs } from "../schedule/schedule.ts";
import { awaitJobs, listJobs } from "../services/jobs.ts";
import type { Session } from "../session/session.ts";
import type { AgentCounters } from "../status/counters.ts";
import { afterCut, afterHeld, type LongPollLength, longestLongPoll } from "./long-poll-length.ts";

export interface JobPollParts {
  session: Pick<Session, "call">;
  clock: Clock;
  random: Random;
  log: Log;
  counters: AgentCounters;
  take(reply: JobsReply, signal: AbortSignal): Promise<void>;
}

/** The list is read after this time even when no heartbeat reports a new version. */
const longestRestMs = 3_600_000;
const shortestGapMs = 1000;
/** Failures of a long poll that the path may have caused. */
const cutCodes = new Set([
  "service-silent",
  "connect-reset",
  "service-error",
  "service-block-page",
  "service-unexpected",
]);

/** A long poll that failed, and how long it had waited. */
interface Cut {
  failure: OutriderError;
  elapsedMs: number;
}

/**
 * Fetches jobs by long polls: requests that the platform answers when there are jobs. Where the path
 * cuts such requests, the versions in the heartbeat's replies tell when to ask.
 */
export class JobPoll {
  readonly #parts: JobPollParts;
  readonly #wakeUp = new WakeUp();
  /** The last version of the list that was taken. */
  #version: number | null = null;
  #failed = false;
  #length: LongPollLength = longestLongPoll;

  constructor(parts: JobPollParts) {
    this.#parts = parts;
  }

  /** The heartbeat's reply has the version of the list of jobs. */
  onVersion(version: number): void {
    if (version !== this.#version || this.#failed) this.#wakeUp.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log, counters } = this.#parts;
    counters.pollSeconds = this.#length.seconds;
    // The heartbeat goes first: it follows the schedule that spreads the appliances' first calls.
    await this.#untilNews(signal);
    let failures = 0;
    /** When the short request after a cut long poll succeeds, the path was at fault, not an outage. */
    let cut: Cut | null = null;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      if (this.#length.seconds === 0) this.#use(afterHeld(this.#length, startedMs));
      const isLong = this.#version !== null && cut === null && this.#length.seconds > 0;
      try {
        this.#wakeUp.clear();
        const reply = await this.#request(isLong, signal);
        if (cut !== null) this.#shorten(cut);
        else if (isLong && clock.monotonicMs() - startedMs >= this.#length.seconds * 1000)
          this.#use(afterHeld(this.#length, clock.monotonicMs()));
        cut = null;
        await this.#parts.take(reply, signal);
        this.#version = reply.version;
        failures = 0;
        this.#failed = false;
        if (this.#length.seconds === 0) await this.#untilNews(signal);
        else if (clock.monotonicMs() - startedMs < shortestGapMs)
          await clock.sleep(shortestGapMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        const failure = asOutriderError(error);
        if (isLong && cutCodes.has(failure.code)) {
          cut = { failure, elapsedMs: clock.monotonicMs() - startedMs };
          await this.#wakeUp
            .wait(clock, afterCutDelayMs(random.fraction()), signal)
            .catch(ignoringAbort(signal));
          continue;
        }
        cut = null;
        failures++;
        this.#failed = true;
        const waitMs = waitAfterFailureMs(
          { failures, retryAfterMs: failure.retryAfterMs, refusals: 0 },
          random.fraction(),
        );
        log.warning("jobs service failed", {
          code: failure.code,
          detail: failure.detail,
          nextTryMs: waitMs,
        });
        await clock.sleep(waitMs, signal).catch(ignoringAbort(signal));
        // After an outage the heartbeat goes first: it renews the leases of the jobs that are here.
        await this.#untilNews(signal);
      }
    }
  }

  #request(isLong: boolean, signal: AbortSignal): Promise<JobsReply> {
    const after = this.#version;
    const { counters, session } = this.#parts;
    if (isLong) counters.polls = (counters.polls ?? 0) + 1;
    return session.call("jobs", signal, (client, url) =>
      isLong && after !== null
        ? awaitJobs(client, url, after, this.#length.seconds, signal)
        : listJobs(client, url, signal),
    );
  }

  #shorten({ failure, elapsedMs }: Cut): void {
    const { clock, log } = this.#parts;
    this.#use(afterCut(this.#length, elapsedMs, clock.monotonicMs()));
    const facts = {
      code: failure.code,
      detail: failure.detail,
      afterSeconds: Math.round(elapsedMs / 1000),
      seconds: this.#length.seconds,
    };
    if (this.#length.seconds > 0) log.warning("long polls cut by the path; now shorter", facts);
    else log.warning("long polls cut by the path; jobs are fetched after heartbeats", facts);
  }

  #use(length: LongPollLength): void {
    this.#length = length;
    this.#parts.counters.pollSeconds = length.seconds;
  }

  /** Until a heartbeat reports a new version. */
  async #untilNews(signal: AbortSignal): Promise<void> {
    await this.#wakeUp.wait(this.#parts.clock, longestRestMs, signal).catch(ignoringAbort(signal));
  }
}
