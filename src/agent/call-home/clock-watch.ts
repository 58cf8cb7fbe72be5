import type { Clock } from "../../base/clock.ts";

const lookEveryMs = 20_000;
/** Clocks that are kept by the network are moved by less, and slowly. */
const smallestJumpMs = 5000;
/** A sleep that took so much longer than it should: the process or the machine stood still. */
const smallestStillMs = 30_000;

/**
 * Notices when the machine was suspended, paused or restored, and when its clock was set: the wall
 * clock and the monotonic one (which stands still meanwhile, clock_gettime(2)) no longer agree, or
 * a short sleep took very long.
 */
export async function watchClock(
  clock: Clock,
  jumped: (jumpMs: number) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const aheadMs = clock.nowMs() - clock.monotonicMs();
    const startedMs = clock.monotonicMs();
    await clock.sleep(lookEveryMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    const jumpMs = clock.nowMs() - clock.monotonicMs() - aheadMs;
    const stillMs = clock.monotonicMs() - startedMs - lookEveryMs;
    if (Math.abs(jumpMs) >= smallestJumpMs || stillMs >= smallestStillMs)
      jumped(Math.round(jumpMs));
  }
}
