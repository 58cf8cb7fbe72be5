import { setTimeout as delay } from "node:timers/promises";

/** The clock that the rest of the code uses, so that tests can set the time. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. Jumps when the clock is set. */
  nowMs(): number;
  /** Milliseconds since some fixed moment. Never jumps back. */
  monotonicMs(): number;
  /** Resolves after `durationMs`; rejects with the signal's reason when aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** setTimeout fires at once for a longer time: it counts milliseconds in 32 bits, signed. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (durationMs, signal) => {
    await delay(
      Math.min(Math.max(durationMs, 0), longestTimerMs),
      undefined,
      signal ? { signal } : {},
    );
  },
};
