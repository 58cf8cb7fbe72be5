import { ignoringAbort } from "../../base/aborted.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import type { WakeUp } from "../../base/wake-up.ts";
import type { Counters, Heartbeat, HeartbeatReply } from "../../protocol/schemas/health.ts";
import { accessRefusals } from "../identity/platform-access.ts";
import {
  afterJumpDelayMs,
  firstContactDelayMs,
  isFullCycle,
  jitteredIntervalMs,
  waitAfterFailureMs,
} from "../schedule/schedule.ts";
import { readConfiguration } from "../services/enrolment.ts";
import { sendHeartbeat } from "../services/health.ts";
import { reachResults } from "../services/results.ts";
import { answeredWith } from "../session/reply-errors.ts";
import type { Session } from "../session/session.ts";
import type { AgentCounters } from "../status/counters.ts";
import type { StatusStore } from "../status/status-store.ts";
import type { Outages } from "./outages.ts";

export interface CallHomeParts {
  session: Session;
  status: StatusStore;
  clock: Clock;
  random: Random;
  log: Log;
  counters: AgentCounters;
  outages: Pick<Outages, "missed" | "reached">;
  /** Builds the next heartbeat. */
  heartbeat(): Promise<Heartbeat>;
  /** Raised when the agent shall call home at once. */
  wakeUp: WakeUp;
  /** The platform answered a heartbeat; `all` when every service is due for a call. */
  reached(reply: HeartbeatReply, all: boolean): void;
  /**
   * A heartbeat was answered or failed. Called at the start too when the appliance was just
   * enrolled: the enrolment was its first call, and operators enrol their appliances one by one.
   */
  ended(): void;
}

const afterPauseMs = 2000;

/**
 * Calls home on schedule. An idle cycle is one request, the heartbeat. The other services are called
 * when its reply shows that they have news, and all of them in the first and every 20th cycle;
 * always after the heartbeat and without delaying the next one.
 */
export class CallHome {
  readonly #parts: CallHomeParts;
  /** Services that are being called. */
  readonly #busy = new Set<string>();
  /** Monotonic moment of the next call. */
  #dueMs = 0;
  /** The clock jumped, and the loop has not noticed it yet. */
  #jumped = false;

  constructor(parts: CallHomeParts) {
    this.#parts = parts;
  }

  async run(
    start: { uptimeMs: number; justEnrolled: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { session, random } = this.#parts;
    let delayMs = firstContactDelayMs(
      { ...start, intervalMs: session.configuration.intervalSeconds * 1000 },
      random.fraction(),
    );
    if (start.justEnrolled) this.#parts.ended();
    let failures = 0;
    let refused = 0;
    /** After a pause of the machine the first call goes over connections that are dead by now. */
    let jumped = false;
    for (let cycle = 0; !signal.aborted; ) {
      jumped = (await this.#wait(delayMs, signal)) || jumped;
      if (signal.aborted) return;
      try {
        const { reply, outage } = await session.call("health", signal, async (client, url) => {
          const heartbeat = await this.#parts.heartbeat();
          const answer = await sendHeartbeat(client, url, heartbeat, signal);
          return { reply: answer, outage: heartbeat.outage };
        });
        failures = 0;
        refused = 0;
        jumped = false;
        this.#succeeded();
        await this.#parts.outages.reached(outage);
        this.#follow(reply, isFullCycle(cycle), signal);
        cycle++;
        delayMs = jitteredIntervalMs(
          session.configuration.intervalSeconds * 1000,
          random.fraction(),
        );
      } catch (error) {
        if (signal.aborted) return;
        const failure = asOutriderError(error);
        failures++;
        // Frequent calls change nothing then. A request that the platform could not verify is another
        // matter: the next one may get through unaltered.
        refused = answeredWith(error, ...accessRefusals) ? refused + 1 : 0;
        delayMs = waitAfterFailureMs(
          { failures, retryAfterMs: failure.retryAfterMs, refusals: refused },
          random.fraction(),
        );
        if (jumped && failure.retryAfterMs === undefined) delayMs = Math.min(delayMs, afterPauseMs);
        jumped = false;
        this.#failed(error, delayMs);
        // A platform that refuses this appliance was reached.
        if (refused === 0) this.#parts.outages.missed(failures, error, signal);
      }
      this.#parts.ended();
    }
  }

  /**
   * The clock was set, or the machine was paused: the next call is made soon, and the status shows
   * its time by the new clock.
   */
  clockJumped(jumpMs: number): void {
    const { clock, random, session, log, counters, wakeUp } = this.#parts;
    counters.clockJumps = (counters.clockJumps ?? 0) + 1;
    log.info("clock jump or machine pause", { jumpMs });
    const soonMs = afterJumpDelayMs(
      session.configuration.intervalSeconds * 1000,
      random.fraction(),
    );
    this.#dueMs = Math.min(this.#dueMs, clock.monotonicMs() + soonMs);
    this.#jumped = true;
    wakeUp.raise();
  }

  /** @returns whether the clock jumped meanwhile */
  async #wait(delayMs: number, signal: AbortSignal): Promise<boolean> {
    const { status, clock, wakeUp } = this.#parts;
    this.#dueMs = clock.monotonicMs() + delayMs;
    let jumped = false;
    do {
      if (this.#jumped) wakeUp.clear();
      jumped ||= this.#jumped;
      this.#jumped = false;
      const leftMs = Math.max(0, this.#dueMs - clock.monotonicMs());
      status.update({ nextCallAt: Math.max(0, Math.round(clock.nowMs() + leftMs)) });
      await wakeUp.wait(clock, leftMs, signal).catch(ignoringAbort(signal));
    } while (this.#jumped && !signal.aborted);
    wakeUp.clear();
    return jumped;
  }

  #succeeded(): void {
    const { status, log, counters } = this.#parts;
    counters.heartbeats = (counters.heartbeats ?? 0) + 1;
    if (status.current.state !== "connected")
      log.info("connected", { platform: status.current.platformName });
    status.update({ state: "connected", failure: null, ...this.#counted() });
  }

  #failed(error: unknown, delayMs: number): void {
    const { status, log } = this.#parts;
    const failure = status.failureOf(error);
    status.update({ state: "failing", failure, ...this.#counted() });
    log.warning("heartbeat failed", {
      code: failure.code,
      detail: failure.detail,
      nextTryMs: delayMs,
    });
  }

  #counted(): { counters: Counters } {
    const { status, counters } = this.#parts;
    return { counters: { ...counters, spooledParts: status.current.spooledParts } };
  }

  /** Starts calls to the services that have news, without waiting for their replies. */
  #follow(reply: HeartbeatReply, all: boolean, signal: AbortSignal): void {
    const { session } = this.#parts;
    this.#parts.reached(reply, all);
    if (all || reply.versions.configuration !== session.configuration.version) {
      this.#inBackground("enrolment", signal, async () => {
        const { configuration } = await session.call("enrolment", signal, (client, url) =>
          readConfiguration(client, url, signal),
        );
        const before = session.configuration.intervalSeconds;
        await session.useConfiguration(configuration);
        // A shorter interval counts from now, not from the end of the longer one.
        if (configuration.intervalSeconds < before) this.#parts.wakeUp.raise();
      });
    }
    if (all)
      this.#inBackground("results", signal, () =>
        session.call("results", signal, (client, url) => reachResults(client, url, signal)),
      );
  }

  /** One call to a service at a time. The status shows a failure; a later heartbeat calls again. */
  #inBackground(name: string, signal: AbortSignal, call: () => Promise<void>): void {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    call()
      .catch((error: unknown) => {
        if (signal.aborted) return;
        const { code, detail } = asOutriderError(error);
        this.#parts.log.warning(`${name} service failed`, { code, detail });
      })
      .finally(() => this.#busy.delete(name));
  }
}
