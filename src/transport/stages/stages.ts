import type { Clock } from "../../base/clock.ts";
import { asOutriderError, type OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { type Fact, quoted, withDetail } from "../../base/messages/facts.ts";
import { withinLimit } from "../wire/time-limit.ts";

/** The stages to a URL in their order. Stages of a proxy occur only with a proxy. */
export const pathStages = ["pac", "resolve", "connect", "proxy-tls", "proxy", "tls"] as const;
export type PathStage = (typeof pathStages)[number];

export interface StageResult {
  stage: PathStage;
  outcome: "ok" | "failed";
  /** Null when the stage succeeded. */
  code: ErrorCode | null;
  /** Addresses, or what the other side offered; never a secret. */
  facts: readonly Fact[];
  /** The same in English. */
  detail: string;
  durationMs: number;
}

/** Runs one stage within its limit and records its result. */
export type RunStage = <T>(
  stage: PathStage,
  limitMs: number,
  whenOver: () => OutriderError,
  work: (signal: AbortSignal) => Promise<{ value: T; facts: Fact | readonly Fact[] }>,
) => Promise<T>;

/**
 * Gives each stage its limit, or the time left until `endMs` on the monotonic clock if that is
 * less.
 */
export function stageRunner(
  stages: StageResult[],
  clock: Clock,
  signal: AbortSignal | undefined,
  endMs = Number.POSITIVE_INFINITY,
): RunStage {
  return async (stage, limitMs, whenOver, work) => {
    const startedMs = clock.monotonicMs();
    const took = () => Math.max(0, clock.monotonicMs() - startedMs);
    try {
      const { value, facts } = await withinLimit(
        Math.max(1, Math.min(limitMs, endMs - startedMs)),
        whenOver,
        signal,
        work,
      );
      stages.push({ stage, outcome: "ok", code: null, ...withDetail(facts), durationMs: took() });
      return value;
    } catch (thrown) {
      const error = asOutriderError(thrown);
      stages.push({
        stage,
        outcome: "failed",
        code: error.code,
        ...withDetail(error.facts ?? [quoted(error.detail ?? error.message)]),
        durationMs: took(),
      });
      throw error;
    }
  };
}
