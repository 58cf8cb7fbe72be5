import { syncChanged } from "./open-file.ts";

/**
 * Makes the names in folders durable, for all who ask at about the same time by one sync. Only a
 * sync that begins after a change is sure to hold it: who asks while one is under way waits for the
 * next.
 */
export class SharedSyncs {
  readonly #sync: (folder: string) => Promise<void>;
  readonly #underWay = new Map<string, { current: Promise<void>; next: Promise<void> | null }>();

  constructor(sync: (folder: string) => Promise<void> = syncChanged) {
    this.#sync = sync;
  }

  /** The change that was made before this was called is durable when the promise is kept. */
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
      // When somebody waits, the next one takes this one's place.
      if (begun.next === null) this.#underWay.delete(folder);
    };
    begun.current.then(forget, forget);
    return begun.current;
  }
}
