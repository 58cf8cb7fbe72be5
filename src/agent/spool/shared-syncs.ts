import { syncChanged } from "./open-file.ts";

/**
 * Makes the names in folders durable, several changes by one sync. Only a sync that begins after a
 * change is sure to include it, so a caller that comes during a sync waits for the next one.
 */
export class SharedSyncs {
  readonly #sync: (folder: string) => Promise<void>;
  readonly #underWay = new Map<string, { current: Promise<void>; next: Promise<void> | null }>();

  constructor(sync: (folder: string) => Promise<void> = syncChanged) {
    this.#sync = sync;
  }

  /** Resolves when the changes made before the call are durable. */
  sync(folder: string): Promise<void> {
    const underWay = this.#underWay.get(folder);
    if (!underWay) return this.#begin(folder);
    underWay.next ??= underWay.current.then(
      () => this.#begin(folder),
      () => this.#begin(folder),
    );
    return underWay.next;
  }

  #begin(folder: string): Promise<void> {
    const begun = { current: this.#sync(folder), next: null };
    this.#underWay.set(folder, begun);
    const forget = () => {
      // When a caller waits, the next sync replaces this entry.
      if (begun.next === null) this.#underWay.delete(folder);
    };
    begun.current.then(forget, forget);
    return begun.current;
  }
}
