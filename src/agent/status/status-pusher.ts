import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { StatusStore } from "./status-store.ts";

/** Changes within this time are pushed together. */
const coalesceMs = 250;
const retryMs = 2000;
/**
 * configd loses the status when it is restarted. When the agent does not notice that, configd gets
 * the status after this time at the latest.
 */
const repeatMs = 60_000;

/** Pushes the agent's status to configd, whenever it changes and after configd was restarted. */
export class StatusPusher {
  readonly #wakeUp = new WakeUp();
  readonly #parts: { status: StatusStore; configd: ConfigdClient; clock: Clock };

  constructor(parts: { status: StatusStore; configd: ConfigdClient; clock: Clock }) {
    this.#parts = parts;
  }

  pushAgain(): void {
    this.#wakeUp.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { status, configd, clock } = this.#parts;
    const unsubscribe = status.subscribe(() => this.#wakeUp.raise());
    this.#wakeUp.raise();
    try {
      while (!signal.aborted) {
        await this.#wakeUp.wait(clock, repeatMs, signal);
        await clock.sleep(coalesceMs, signal);
        this.#wakeUp.clear();
        try {
          await configd.call("agentStatus", status.current, signal);
        } catch (error) {
          if (!(error instanceof OutriderError)) throw error;
          this.#wakeUp.raise();
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
