/**
 * Tells waiting requests and pages that something changed. Says only where: what, they read from
 * the store.
 */
export class Changes {
  readonly #listeners = new Set<(applianceId: string | null) => void>();

  /** @param applianceId whose data changed; null when it was everybody's. */
  publish(applianceId: string | null): void {
    for (const listener of [...this.#listeners]) listener(applianceId);
  }

  /** The returned function ends the subscription. */
  subscribe(listener: (applianceId: string | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
