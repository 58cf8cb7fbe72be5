import type { Clock } from "../../base/clock.ts";
import type { Lease } from "../store/job-records.ts";
import type { ApplianceConfiguration } from "./configuration.ts";

type PartsOfClock = Pick<Clock, "nowMs" | "monotonicMs">;

/**
 * The time by which leases are counted. It begins as the wall clock at the platform's start and then
 * runs by the monotonic clock: when somebody sets the wall clock back, a lost appliance's jobs would
 * wait until that moment comes again, and when it is set forward, every scan that runs would be given
 * out anew.
 */
export class Leases {
  readonly #clock: PartsOfClock;
  readonly #configuration: Pick<ApplianceConfiguration, "leaseMs">;
  /** This time less the monotonic clock. */
  readonly #offsetMs: number;

  constructor(clock: PartsOfClock, configuration: Pick<ApplianceConfiguration, "leaseMs">) {
    this.#clock = clock;
    this.#configuration = configuration;
    this.#offsetMs = clock.nowMs() - clock.monotonicMs();
  }

  /** What a contact now begins or renews. */
  get current(): Lease {
    const nowMs = Math.round(this.#offsetMs + this.#clock.monotonicMs());
    return { nowMs, untilMs: nowMs + this.#configuration.leaseMs };
  }

  /** A lease's end as the wall clock will show it, unless it is set again. */
  onWall(untilMs: number): number {
    return untilMs + this.#clock.nowMs() - this.current.nowMs;
  }
}
