import type { Clock } from "./clock.ts";

/** This many wrong tries from one address are answered within the window. */
const mostFailures = 10;
const windowMs = 5 * 60_000;
const mostAddressesWatched = 10_000;

/**
 * Counts wrong tries by address. Own code: @fastify/rate-limit counts requests and cannot take a
 * count back, and only wrong tries count here. Whoever asks it tries first and counts afterwards, so
 * that a right one is never refused because a stranger behind the same address guesses.
 */
export class FailedTries {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #failures = new Map<string, { count: number; since: number }>();

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** For how long wrong tries from there get no answer of their own; 0 when they do. */
  waitMs(address: string): number {
    const failures = this.#failures.get(address);
    if (!failures || failures.count < mostFailures) return 0;
    return Math.max(0, failures.since + windowMs - this.#clock.monotonicMs());
  }

  count(address: string): void {
    const now = this.#clock.monotonicMs();
    const failures = this.#failures.get(address);
    if (failures && now - failures.since < windowMs) {
      failures.count++;
      return;
    }
    // Forget the oldest address, so that a flood of addresses cannot fill the memory.
    const oldest = this.#failures.keys().next();
    if (this.#failures.size >= mostAddressesWatched && !oldest.done)
      this.#failures.delete(oldest.value);
    this.#failures.delete(address);
    this.#failures.set(address, { count: 1, since: now });
  }
}
