import type { OutriderError } from "../protocol/error.ts";
import type { ErrorCode } from "../protocol/error-codes.ts";

/** The stages of the way to a URL, in the order in which they are gone through; those of a proxy only where there is one. */
const pathStages = ["resolve", "connect", "proxy-tls", "proxy", "tls"] as const;
export type PathStage = (typeof pathStages)[number];

export interface StageResult {
  stage: PathStage;
  outcome: "ok" | "failed";
  /** Set when it failed. */
  code: ErrorCode | null;
  /** Facts in words: addresses, what was offered. Never a secret. */
  detail: string;
  durationMs: number;
}

/** Runs one stage within its limit and notes what came of it. */
export type RunStage = <T>(
  stage: PathStage,
  limitMs: number,
  whenOver: () => OutriderError,
  work: (signal: AbortSignal) => Promise<{ value: T; detail: string }>,
) => Promise<T>;

/**
 * Each stage's own time limit; proxyMs is for both stages of a proxy that speaks TLS. Together 15 s, so that a dead hop has a name within that time even when each stage before it is
 * as slow as it may be. Connecting: the kernel repeats a lost SYN after 1 s and 3 s (RFC 6298), so 3.5 s bear two losses.
 */
export interface StageLimits {
  resolveMs: number;
  connectMs: number;
  proxyMs: number;
  tlsMs: number;
}

export const defaultLimits: StageLimits = { resolveMs: 3000, connectMs: 3500, proxyMs: 5000, tlsMs: 3500 };
