import { ignoringAbort } from "../../base/aborted.ts";
import type { Clock } from "../../base/clock.ts";

const checkEveryMs = 20_000;
/** Time synchronisation moves a clock by less, and slowly. */
const smallestJumpMs = 5000;
/** A sleep that lasts this much too long means that the process or the machine was paused. */
const smallestPauseMs = 30_000;

/**
 * Notices when the machine was suspended, paused or restored, and when its clock was set. The wall
 * clock and the monotonic clock, which stops during a suspend (clock_gettime(2)), then no longer
 * agree, or a short sleep took very long.
 *
 * @param jumped gets by how much the wall clock jumped, in milliseconds
 */
export async function watchClock(
  clock: Clock,
  jumped: (jumpMs: number) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const aheadMs = clock.nowMs() - clock.monotonicMs();
    const startedMs = clock.monotonicMs();
    await clock.sleep(checkEveryMs, signal).catch(ignoringAbort(signal));
    if (signal.aborted) return;
    const jumpMs = clock.nowMs() - clock.monotonicMs() - aheadMs;
    const pauseMs = clock.monotonicMs() - startedMs - checkEveryMs;
    if (Math.abs(jumpMs) >= smallestJumpMs || pauseMs >= smallestPauseMs)
      jumped(Math.round(jumpMs));
  }
}
