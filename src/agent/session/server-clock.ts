import type { Clock } from "../../base/clock.ts";

/**
 * The platform's time, learnt from its signed replies and kept by the monotonic clock: a local
 * clock that is wrong, or is set while this runs, changes nothing.
 */
export class ServerClock {
  readonly #clock: Clock;
  #aheadOfMonotonicMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The platform's time as far as it is known, else the local one. */
  nowMs(): number {
    return this.#aheadOfMonotonicMs === null
      ? this.#clock.nowMs()
      : Math.round(this.#clock.monotonicMs() + this.#aheadOfMonotonicMs);
  }

  /** The platform's time; null before the first reply. */
  knownMs(): number | null {
    return this.#aheadOfMonotonicMs === null ? null : this.nowMs();
  }

  /** Platform's clock less this one's; null before the first reply. */
  offsetMs(): number | null {
    return this.#aheadOfMonotonicMs === null ? null : this.nowMs() - this.#clock.nowMs();
  }

  /**
   * The platform's clock said `serverMs`, give or take `toleranceMs`, at some moment of an
   * exchange. Only what contradicts the estimate moves it, and no further than it must: an answer
   * that the platform held back for a minute tells little.
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
