import type { Clock } from "../../src/base/clock.ts";
import type { Random } from "../../src/base/random.ts";

interface Sleeper {
  dueMs: number;
  wake(): void;
}

/** Time that passes only when a test advances it. */
export class FakeClock implements Clock {
  /** Wall clock less monotonic clock. */
  wallOffsetMs: number;
  #nowMs = 1000;
  readonly #sleepers = new Set<Sleeper>();
  readonly #watchers = new Set<() => void>();

  constructor(wallMs = Date.UTC(2026, 0, 1)) {
    this.wallOffsetMs = wallMs - this.#nowMs;
  }

  nowMs = (): number => Math.round(this.#nowMs + this.wallOffsetMs);
  monotonicMs = (): number => this.#nowMs;

  sleep = (durationMs: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        dueMs: this.#nowMs + Math.max(0, durationMs),
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener("abort", stop);
          resolve();
        },
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#sleepers.add(sleeper);
      for (const watcher of this.#watchers) watcher();
    });

  /** The remaining times of all sleeps, shortest first. */
  get sleepsMs(): number[] {
    return [...this.#sleepers].map(({ dueMs }) => dueMs - this.#nowMs).sort((a, b) => a - b);
  }

  /** Waits, in real time, until there is a sleep whose duration passes the check. */
  untilSleeping(check: (durationMs: number) => boolean = () => true): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.sleepsMs.some(check)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Lets time pass; sleeps end in order, each at its own moment. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const [next] = [...this.#sleepers]
        .filter(({ dueMs }) => dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs);
      if (!next) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
      // Code that was woken may sleep again before the end.
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#nowMs = endMs;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Always the same fraction. Bytes count up, so that nonces differ. */
export function fixedRandom(fraction: number): Random {
  let count = 0;
  return {
    fraction: () => fraction,
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(0, ++count);
      return bytes;
    },
    uuid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`,
  };
}
