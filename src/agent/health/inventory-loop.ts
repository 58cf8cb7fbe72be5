import { ignoringAbort } from "../../base/aborted.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { Inventory } from "../../protocol/schemas/health.ts";
import type { StatusStore } from "../status/status-store.ts";

const dayMs = 24 * 3_600_000;
const retryMs = 600_000;

export interface InventoryLoopParts {
  status: StatusStore;
  clock: Clock;
  log: Log;
  inventory(signal: AbortSignal): Promise<Inventory | null>;
  send(inventory: Inventory | null): Promise<void>;
}

/** Sends the inventory after the first heartbeat and then daily; retries until that succeeds. */
export async function keepInventory(
  { status, clock, log, inventory, send }: InventoryLoopParts,
  signal: AbortSignal,
): Promise<void> {
  await untilConnected(status, clock, signal).catch(ignoringAbort(signal));
  while (!signal.aborted) {
    let waitMs = dayMs;
    try {
      await send(await inventory(signal));
    } catch (error) {
      if (signal.aborted) return;
      log.warning("inventory upload failed", {
        error: error instanceof Error ? error.message : String(error),
      });
      waitMs = retryMs;
    }
    await clock.sleep(waitMs, signal).catch(ignoringAbort(signal));
  }
}

async function untilConnected(
  status: StatusStore,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const wakeUp = new WakeUp();
  const unsubscribe = status.subscribe(() => wakeUp.raise());
  try {
    while (status.current.state !== "connected") {
      await wakeUp.wait(clock, dayMs, signal);
      wakeUp.clear();
    }
  } finally {
    unsubscribe();
  }
}
