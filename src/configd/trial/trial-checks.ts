import { ignoringAbort } from "../../base/aborted.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { Settings } from "../../settings/model/schema.ts";
import type { System } from "../machine/system.ts";
import { areSettled } from "./addresses-ready.ts";

/**
 * How long the checks before a trial may delay it: the doctor names any dead hop in this time.
 */
const checksBeforeLimitMs = 20_000;
const checksAfterLimitMs = 90_000;
/** How long a new address may take: a DHCP server that probes an address first answers late. */
const settleLimitMs = 30_000;
const settlePollMs = 250;

/** The doctor's runs before and during a trial. */
export class TrialChecks {
  readonly #system: System;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor({ system, clock, log }: { system: System; clock: Clock; log: Log }) {
    this.#system = system;
    this.#clock = clock;
    this.#log = log;
  }

  /** Checks the settings that hold now. Null when the doctor failed or was stopped by `signal`. */
  before(signal: AbortSignal): Promise<CheckResult[] | null> {
    return this.#runDoctor(checksBeforeLimitMs, signal);
  }

  /** Waits until the interfaces have the new addresses, then checks. Null as for `before`. */
  async during(settings: Settings, signal: AbortSignal): Promise<CheckResult[] | null> {
    await this.#waitForAddresses(settings, signal);
    return await this.#runDoctor(checksAfterLimitMs, signal);
  }

  async #waitForAddresses(settings: Settings, signal: AbortSignal): Promise<void> {
    const until = this.#clock.monotonicMs() + settleLimitMs;
    while (!signal.aborted && this.#clock.monotonicMs() < until) {
      // The interfaces may be unreadable while networkd reconfigures them.
      const interfaces = await this.#system.interfaces().catch(() => []);
      if (areSettled(settings, interfaces)) return;
      await this.#clock.sleep(settlePollMs, signal).catch(ignoringAbort(signal));
    }
  }

  async #runDoctor(limitMs: number, signal: AbortSignal): Promise<CheckResult[] | null> {
    const done = new AbortController();
    const limit = new AbortController();
    this.#clock.sleep(limitMs, done.signal).then(() => limit.abort(), ignoringAbort(done.signal));
    try {
      return await this.#system.runDoctor(AbortSignal.any([limit.signal, signal]));
    } catch (error) {
      this.#log.warning("checks not made", { error: String(error) });
      return null;
    } finally {
      done.abort();
    }
  }
}
