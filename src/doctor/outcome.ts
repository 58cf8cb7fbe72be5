import { asOutriderError } from "../protocol/error.ts";
import type { ErrorCode } from "../protocol/error-codes.ts";
import type { RungResult } from "./result.ts";

/** A rung before it is known how it ended. */
export type Rung = Pick<RungResult, "id" | "rung" | "subject">;

export function ok(rung: Rung, detail: string, durationMs = 0): RungResult {
  return { ...rung, outcome: "ok", code: null, detail: limited(detail), durationMs };
}

export function failed(rung: Rung, code: ErrorCode, detail: string, durationMs = 0, outcome: "failed" | "warning" = "failed"): RungResult {
  return { ...rung, outcome, code, detail: limited(detail), durationMs };
}

/** Not tried, and why: what is before it failed, or it is not needed. */
export function skipped(rung: Rung, because: string): RungResult {
  return { ...rung, outcome: "skipped", code: null, detail: limited(because), durationMs: 0 };
}

export function failedBy(rung: Rung, error: unknown, durationMs = 0): RungResult {
  const failure = asOutriderError(error);
  return failed(rung, failure.code, failure.detail ?? failure.message, durationMs);
}

const limited = (text: string) => text.slice(0, 1000);
