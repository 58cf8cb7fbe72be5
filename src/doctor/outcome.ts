import { asOutriderError } from "../base/messages/error.ts";
import type { ErrorCode } from "../base/messages/error-codes.ts";
import { asFacts, type Fact, said, tellFacts } from "../base/messages/facts.ts";
import type { CheckResult } from "../protocol/schemas/check-result.ts";

/** A check before it is known how it ended. */
export type CheckSubject = Pick<CheckResult, "id" | "check" | "subject">;
type Told = Fact | readonly Fact[];

export function ok(check: CheckSubject, told: Told, durationMs = 0): CheckResult {
  return { ...check, outcome: "ok", code: null, ...both(told), durationMs };
}

export function failed(
  check: CheckSubject,
  code: ErrorCode,
  told: Told,
  durationMs = 0,
  outcome: "failed" | "warning" = "failed",
): CheckResult {
  return { ...check, outcome, code, ...both(told), durationMs };
}

/** Not tried, and why: what is before it failed, or it is not needed. */
export function skipped(check: CheckSubject, because: Fact): CheckResult {
  return { ...check, outcome: "skipped", code: null, ...both(because), durationMs: 0 };
}

export function failedBy(check: CheckSubject, error: unknown, durationMs = 0): CheckResult {
  return failed(check, asOutriderError(error).code, factsOf(error), durationMs);
}

/** What an error says beside its code. */
export function factsOf(error: unknown): readonly Fact[] {
  const failure = asOutriderError(error);
  return failure.facts ?? [said(failure.detail ?? failure.message)];
}

/** The same with something more to say. */
export function adding(result: CheckResult, more: readonly Fact[]): CheckResult {
  return more.length === 0 ? result : { ...result, ...both([...(result.facts ?? []), ...more]) };
}

function both(told: Told): Pick<CheckResult, "facts" | "detail"> {
  const facts = asFacts(told);
  return { facts, detail: (tellFacts(facts) ?? "").slice(0, 1000) };
}
