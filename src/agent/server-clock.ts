import type { Clock } from "../base/clock.ts";

/**
 * The platform's time, learnt from its signed replies and kept by the monotonic clock: a local clock that is wrong, or is set while
 * this runs, changes nothing.
 */
export class ServerClock {
  readonly #clock: Clock;
  #aheadOfMonotonicMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The platform's time as far as it is known, else the local one. */
  nowMs(): number {
    return this.#aheadOfMonotonicMs === null ? this.#clock.nowMs() : Math.round(this.#clock.monotonicMs() + this.#aheadOfMonotonicMs);
  }

  /** Platform's clock less this one's; null before the first reply. */
  offsetMs(): number | null {
    return this.#aheadOfMonotonicMs === null ? null : this.nowMs() - this.#clock.nowMs();
  }

  /** @param sentAtMs @param receivedAtMs monotonic moments of the exchange in whose middle the platform's clock said `serverMs`. */
  learn(serverMs: number, sentAtMs: number, receivedAtMs: number): void {
    this.#aheadOfMonotonicMs = serverMs - (sentAtMs + receivedAtMs) / 2;
  }
}
