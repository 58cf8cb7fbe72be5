/**
 * Wakes waiting requests and pages when something changed. It names only the appliance; the
 * listeners read the store again.
 */
export class Changes {
  readonly #listeners = new Set<(applianceId: string | null) => void>();

  /** @param applianceId the appliance whose data changed; null for all */
  publish(applianceId: string | null): void {
    for (const listener of [...this.#listeners]) listener(applianceId);
  }

  /** Returns a function that ends the subscription. */
  subscribe(listener: (applianceId: string | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
