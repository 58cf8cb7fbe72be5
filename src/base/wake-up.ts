import type { Clock } from "./clock.ts";

/** Wakes a loop that waits. It stays raised until the loop clears it, so no event gets lost. */
export class WakeUp {
  #raised = false;
  #wakeWaiter: (() => void) | null = null;

  get raised(): boolean {
    return this.#raised;
  }

  raise(): void {
    this.#raised = true;
    this.#wakeWaiter?.();
  }

  clear(): void {
    this.#raised = false;
  }

  /**
   * Resolves when it is raised, or after `limitMs`; rejects when `signal` is aborted. Only one loop
   * may wait at a time.
   */
  async wait(clock: Clock, limitMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#raised) return;
    const woken = new AbortController();
    this.#wakeWaiter = () => woken.abort();
    try {
      await clock.sleep(limitMs, AbortSignal.any([signal, woken.signal]));
    } catch (error) {
      if (signal.aborted || !woken.signal.aborted) throw error;
    } finally {
      this.#wakeWaiter = null;
    }
  }
}
