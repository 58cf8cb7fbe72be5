import { setTimeout as delay } from "node:timers/promises";

/** Time as the rest of the code sees it, so that tests can move it by hand. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump. */
  nowMs(): number;
  /** Milliseconds since some fixed moment. Never jumps back. */
  monotonicMs(): number;
  /** Resolves after `durationMs`; rejects with the signal's reason when aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** setTimeout fires at once for more than this (a 32 bit signed count of milliseconds). */
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
