import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";

/**
 * Runs `work` until it settles, `limitMs` have passed, or `signal` is aborted. In the latter two
 * cases the signal given to `work` is aborted: `work` must then close what it has opened, since its
 * result is dropped.
 */
export async function withinLimit<T>(
  limitMs: number,
  whenOver: () => OutriderError,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const forward = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", forward, { once: true });
  const timer = setTimeout(() => stop.abort(whenOver()), limitMs);
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
  });
  const working = work(stop.signal);
  // The loser of the race must not count as an unhandled rejection.
  working.catch(() => undefined);
  stopped.catch(() => undefined);
  try {
    return await Promise.race([working, stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", forward);
  }
}

/** Node's error code, as ECONNREFUSED; "" when there is none. */
export function systemErrorCode(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error of a stage that was stopped by its signal. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new OutriderError("internal-error", { detail: fact("work-stopped") });
}
