import { ignoringAbort } from "../../base/aborted.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import type { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";

export interface ConsoleRequestParts {
  configd: ConfigdClient;
  clock: Clock;
  log: Log;
  /** Raised when configd has called this agent by SIGUSR2. */
  wakeUp: WakeUp;
  lookForUpdates(): void;
  stopScans(jobIds: readonly string[]): Promise<void>;
  sendBundle(signal: AbortSignal): Promise<void>;
}

const dayMs = 86_400_000;

/**
 * Fetches the console's requests from configd, at the start and whenever the agent is called, and
 * carries them out.
 */
export async function serveConsoleRequests(
  { configd, clock, log, wakeUp, ...does }: ConsoleRequestParts,
  signal: AbortSignal,
): Promise<void> {
  let ended: readonly string[] = [];
  while (!signal.aborted) {
    wakeUp.clear();
    try {
      const { updates, supportBundle, stopScans } = await configd.call(
        "consoleRequests",
        { ended: [...ended] },
        signal,
      );
      ended = [];
      if (updates) does.lookForUpdates();
      if (stopScans.length > 0) await does.stopScans(stopScans);
      ended = stopScans;
      if (supportBundle) await does.sendBundle(signal);
      // Report the ended scans at once: until then configd returns them again, also to an agent that
      // was restarted.
      if (ended.length > 0) continue;
    } catch (error) {
      // The operator sees in the status that nothing happened.
      if (!signal.aborted)
        log.warning("console request failed", { code: asOutriderError(error).code });
    }
    await wakeUp.wait(clock, dayMs, signal).catch(ignoringAbort(signal));
  }
}
