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

/** Without news of the heartbeat, the state of things is looked at after this. */
const longestRestMs = 3_600_000;
const shortestGapMs = 1000;
const unbearable = new Set([
  "service-silent",
  "connect-reset",
  "service-error",
  "service-block-page",
  "service-unexpected",
]);

/**
 * Jobs by a request that the platform holds until there are some. Where the path cuts such
 * requests, the versions that the heartbeat brings say when to ask.
 */
export class JobPoll {
  readonly #parts: JobPollParts;
  readonly #news = new WakeUp();
  #version: number | null = null;
  #failed = false;
  #hold: LongPollLength = longestLongPoll;

  constructor(parts: JobPollParts) {
    this.#parts = parts;
  }

  /** What the heartbeat's reply says of the list of jobs. */
  heard(version: number): void {
    if (version !== this.#version || this.#failed) this.#news.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log, counters } = this.#parts;
    counters.pollSeconds = this.#hold.seconds;
    // Nothing is asked before the first heartbeat got through: it is the one that keeps to the
    // schedule.
    await this.#rest(signal);
    let failures = 0;
    /**
     * A held request that failed. When the one after it, which is not held, gets through, it was no
     * outage.
     */
    let cut: { failure: OutriderError; elapsedMs: number } | null = null;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      if (this.#hold.seconds === 0) this.#use(afterHeld(this.#hold, startedMs));
      const held = this.#version !== null && cut === null && this.#hold.seconds > 0;
      try {
        this.#news.clear();
        const reply = await this.#ask(held, signal);
        if (cut !== null) {
          const { failure, elapsedMs } = cut;
          this.#use(afterCut(this.#hold, elapsedMs, clock.monotonicMs()));
          cut = null;
          const facts = {
            code: failure.code,
            detail: failure.detail,
            afterSeconds: Math.round(elapsedMs / 1000),
            seconds: this.#hold.seconds,
          };
          if (this.#hold.seconds > 0)
            log.warning("the path cuts waiting requests; they are held for less now", facts);
          else
            log.warning(
              "the path does not keep a waiting request alive; jobs are asked for with the heartbeats",
              facts,
            );
        } else if (held && clock.monotonicMs() - startedMs >= this.#hold.seconds * 1000)
          this.#use(afterHeld(this.#hold, clock.monotonicMs()));
        await this.#parts.take(reply, signal);
        this.#version = reply.version;
        failures = 0;
        this.#failed = false;
        if (this.#hold.seconds === 0) await this.#rest(signal);
        else if (clock.monotonicMs() - startedMs < shortestGapMs)
          await clock.sleep(shortestGapMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        const failure = asOutriderError(error);
        if (held && unbearable.has(failure.code)) {
          cut = { failure, elapsedMs: clock.monotonicMs() - startedMs };
          await this.#news
            .wait(clock, afterCutDelayMs(random.fraction()), signal)
            .catch(() => undefined);
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
        await clock.sleep(waitMs, signal).catch(() => undefined);
        // After an outage the heartbeat goes first: it renews the leases of the jobs that are here.
        await this.#rest(signal);
      }
    }
  }

  #ask(held: boolean, signal: AbortSignal): Promise<JobsReply> {
    const after = this.#version;
    const { counters } = this.#parts;
    if (held) counters.polls = (counters.polls ?? 0) + 1;
    return this.#parts.session.call("jobs", signal, (client, url) =>
      held && after !== null
        ? awaitJobs(client, url, after, this.#hold.seconds, signal)
        : listJobs(client, url, signal),
    );
  }

  #use(hold: LongPollLength): void {
    this.#hold = hold;
    this.#parts.counters.pollSeconds = hold.seconds;
  }

  /** Until a heartbeat brings news. */
  async #rest(signal: AbortSignal): Promise<void> {
    await this.#news.wait(this.#parts.clock, longestRestMs, signal).catch(() => undefined);
  }
}
