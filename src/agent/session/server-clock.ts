import type { Clock } from "../../base/clock.ts";

/**
 * The platform's time, learnt from its signed replies and continued by the monotonic clock, so that
 * a wrong local clock, or one that is set meanwhile, does not matter.
 */
export class ServerClock {
  readonly #clock: Clock;
  #aheadOfMonotonicMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The platform's time once it is known, else the local time. */
  nowMs(): number {
    return this.#aheadOfMonotonicMs === null
      ? this.#clock.nowMs()
      : Math.round(this.#clock.monotonicMs() + this.#aheadOfMonotonicMs);
  }

  /** The platform's time; null before the first reply. */
  knownMs(): number | null {
    return this.#aheadOfMonotonicMs === null ? null : this.nowMs();
  }

  /** The platform's clock less the local one; null before the first reply. */
  offsetMs(): number | null {
    return this.#aheadOfMonotonicMs === null ? null : this.nowMs() - this.#clock.nowMs();
  }

  /**
   * The platform's clock showed `serverMs`, give or take `toleranceMs`, at some moment of an
   * exchange. The estimate moves only when that contradicts it, and no further than it must: a reply
   * that the platform held for a minute tells little.
   *
   * @param sentAtMs monotonic moment at which the exchange began
   * @param receivedAtMs monotonic moment at which it ended
   */
  learn(serverMs: number, sentAtMs: number, receivedAtMs: number, toleranceMs = 0): void {
    const least = serverMs - toleranceMs - receivedAtMs;
    const most = serverMs + toleranceMs - sentAtMs;
    const estimate = this.#aheadOfMonotonicMs ?? (least + most) / 2;
    this.#aheadOfMonotonicMs = Math.min(Math.max(estimate, least), most);
  }
}
