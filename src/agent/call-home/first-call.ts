/**
 * The first call home of this life of the agent. What lies ready to be sent or asked at the start
 * waits for its end: only the heartbeat keeps to the schedule that spreads the appliances of a site
 * whose power came back. Its end and not its success, since results have a way of their own while
 * the health service alone is down.
 */
export class FirstCall {
  readonly #ended = Promise.withResolvers<void>();

  /** It was answered, or it failed. */
  end(): void {
    this.#ended.resolve();
  }

  /** Runs a loop from then on. */
  async before(loop: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const stop = () => aborted.resolve();
    signal.addEventListener("abort", stop, { once: true });
    if (!signal.aborted) await Promise.race([this.#ended.promise, aborted.promise]);
    signal.removeEventListener("abort", stop);
    await loop(signal);
  }
}
