/**
 * The end of the first heartbeat since the agent started. Only the heartbeat follows the schedule
 * that spreads the appliances of a site after a power cut, so all other requests wait for it. They
 * wait for its end, not for its success: when only the health service is down, results still get
 * through.
 */
export class FirstCall {
  readonly #ended = Promise.withResolvers<void>();

  /** The heartbeat was answered, or it failed. */
  end(): void {
    this.#ended.resolve();
  }

  /** Runs a loop once the first heartbeat has ended, or `signal` is aborted. */
  async before(loop: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const stop = () => aborted.resolve();
    signal.addEventListener("abort", stop, { once: true });
    if (!signal.aborted) await Promise.race([this.#ended.promise, aborted.promise]);
    signal.removeEventListener("abort", stop);
    await loop(signal);
  }
}
