import type { Clock } from "./clock.ts";

/** Something that happened and stays so until somebody has seen to it: a loop sleeps on it. */
export class WakeUp {
  #raised = false;
  #wake: (() => void) | null = null;

  get raised(): boolean {
    return this.#raised;
  }

  raise(): void {
    this.#raised = true;
    this.#wake?.();
  }

  clear(): void {
    this.#raised = false;
  }

  /**
   * Until it is raised or `limitMs` have gone by; rejects when `signal` is aborted. One waiter at a
   * time.
   */
  async wait(clock: Clock, limitMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#raised) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    try {
      await clock.sleep(limitMs, AbortSignal.any([signal, woken.signal]));
    } catch (error) {
      if (signal.aborted || !woken.signal.aborted) throw error;
    } finally {
      this.#wake = null;
    }
  }
}
