import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import type { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";

export interface ConsoleRequestParts {
  configd: ConfigdClient;
  clock: Clock;
  log: Log;
  /** Raised when somebody at the appliance called this agent. */
  called: WakeUp;
  lookForUpdates(): void;
  stopScans(jobIds: readonly string[]): Promise<void>;
  sendBundle(signal: AbortSignal): Promise<void>;
}

const dayMs = 86_400_000;

/**
 * Does what people at the console want: at the start and whenever the agent is called, it asks
 * configd what that is.
 */
export async function serveConsoleRequests(
  { configd, clock, log, called, ...does }: ConsoleRequestParts,
  signal: AbortSignal,
): Promise<void> {
  let ended: readonly string[] = [];
  while (!signal.aborted) {
    called.clear();
    try {
      const { updates, supportBundle, stopScans } = await configd.call(
        "wishes",
        { ended: [...ended] },
        signal,
      );
      ended = [];
      if (updates) does.lookForUpdates();
      if (stopScans.length > 0) await does.stopScans(stopScans);
      ended = stopScans;
      if (supportBundle) await does.sendBundle(signal);
      // Until it is said they are asked for again, also of an agent that is started anew.
      if (ended.length > 0) continue;
    } catch (error) {
      // Whoever wished it sees in the status that nothing came of it.
      if (!signal.aborted)
        log.warning("what was asked for at the console could not be done", {
          code: asOutriderError(error).code,
        });
    }
    await called.wait(clock, dayMs, signal).catch(() => undefined);
  }
}
