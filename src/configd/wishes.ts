import type { VerbReply } from "./api.ts";

/** What people at the console want of the agent, until it asks: it is called by a signal, which says nothing of its own. */
export class Wishes {
  #updates = false;
  #supportBundle = false;
  readonly #stopScans = new Set<string>();

  checkUpdates(): void {
    this.#updates = true;
  }

  sendSupportBundle(): void {
    this.#supportBundle = true;
  }

  stopScan(jobId: string): void {
    this.#stopScans.add(jobId);
  }

  /** Each is given out once. */
  take(): VerbReply<"wishes"> {
    const wishes = { updates: this.#updates, supportBundle: this.#supportBundle, stopScans: [...this.#stopScans].slice(0, mostScans) };
    this.#updates = false;
    this.#supportBundle = false;
    this.#stopScans.clear();
    return wishes;
  }
}

/** As in the schema. */
const mostScans = 100;
