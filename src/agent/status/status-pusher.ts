import type { Clock } from "../../base/clock.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { StatusStore } from "./status-store.ts";

/** Changes that come together are pushed together. */
const coalesceMs = 250;
const retryMs = 2000;
/**
 * configd forgets the status when it is restarted; where its coming back is not seen, it gets it at
 * the latest after this.
 */
const repeatMs = 60_000;

/** Pushes the agent's status to configd, whenever it changes and again after configd came back. */
export class StatusPusher {
  readonly #changed = new WakeUp();
  readonly #parts: { status: StatusStore; configd: ConfigdClient; clock: Clock };

  constructor(parts: { status: StatusStore; configd: ConfigdClient; clock: Clock }) {
    this.#parts = parts;
  }

  pushAgain(): void {
    this.#changed.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { status, configd, clock } = this.#parts;
    const unsubscribe = status.subscribe(() => this.#changed.raise());
    this.#changed.raise();
    try {
      while (!signal.aborted) {
        await this.#changed.wait(clock, repeatMs, signal);
        await clock.sleep(coalesceMs, signal);
        this.#changed.clear();
        try {
          await configd.call("agentStatus", status.current, signal);
        } catch {
          this.#changed.raise();
          await clock.sleep(retryMs, signal);
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      unsubscribe();
    }
  }
}
