import type { ServerResponse } from "node:http";
import type { PlatformContext } from "./context.ts";

/**
 * Long polls: a request without news is held until there is some, its time is up, its caller goes
 * away, or the platform ends. Each appliance has one held request: a newer one releases the older,
 * which a lost connection may have left behind.
 */
export class HeldRequests {
  readonly #context: Pick<PlatformContext, "changes" | "clock" | "ending">;
  readonly #held = new Map<string, AbortController>();

  constructor(context: Pick<PlatformContext, "changes" | "clock" | "ending">) {
    this.#context = context;
  }

  async untilChanged<T>(
    applianceId: string,
    waitMs: number,
    response: ServerResponse,
    read: () => Promise<T>,
    isNews: (value: T) => boolean,
  ): Promise<T> {
    this.#held.get(applianceId)?.abort();
    // Subscribe before reading, so that no change falls between the two.
    let changed = Promise.withResolvers<void>();
    const unsubscribe = this.#context.changes.subscribe((changedId) => {
      if (changedId === applianceId) changed.resolve();
    });
    const release = new AbortController();
    const releaseNow = () => release.abort();
    response.once("close", releaseNow);
    this.#held.set(applianceId, release);
    const over = AbortSignal.any([release.signal, this.#context.ending]);
    const deadline = this.#context.clock.sleep(waitMs, over).catch(() => undefined);
    try {
      for (;;) {
        const value = await read();
        if (waitMs === 0 || isNews(value) || over.aborted) return value;
        const outcome = await Promise.race([
          changed.promise.then(() => "changed" as const),
          deadline.then(() => "over" as const),
        ]);
        if (outcome === "over") return await read();
        changed = Promise.withResolvers<void>();
      }
    } finally {
      release.abort();
      response.removeListener("close", releaseNow);
      unsubscribe();
      if (this.#held.get(applianceId) === release) this.#held.delete(applianceId);
    }
  }
}
