import { asOutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { asFacts, type Fact, said, tellFacts } from "../../base/messages/facts.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { Subject } from "./subject.ts";

/** How one subject's check ended; run-checks.ts adds which check it was. */
export type Finding = Omit<CheckResult, "check">;
type Facts = Fact | readonly Fact[];

export function ok(subject: Subject, facts: Facts, durationMs = 0): Finding {
  return finding(subject, "ok", null, facts, durationMs);
}

export function failed(subject: Subject, code: ErrorCode, facts: Facts, durationMs = 0): Finding {
  return finding(subject, "failed", code, facts, durationMs);
}

export function warning(subject: Subject, code: ErrorCode, facts: Facts, durationMs = 0): Finding {
  return finding(subject, "warning", code, facts, durationMs);
}

/** Not tried: something that it needs failed, or there is nothing to check. */
export function skipped(subject: Subject, because: Fact): Finding {
  return finding(subject, "skipped", null, because, 0);
}

/** Failed with the code and the facts of an error; "internal-error" for one without a code. */
export function failedBy(subject: Subject, error: unknown, durationMs = 0): Finding {
  return failed(subject, asOutriderError(error).code, factsOf(error), durationMs);
}

/** An error's detail as facts. */
export function factsOf(error: unknown): readonly Fact[] {
  const failure = asOutriderError(error);
  return failure.facts ?? [said(failure.detail ?? failure.message)];
}

/** The finding with more facts behind its own. */
export function withFacts(found: Finding, more: readonly Fact[]): Finding {
  return more.length === 0 ? found : { ...found, ...both([...(found.facts ?? []), ...more]) };
}

function finding(
  { id, subject }: Subject,
  outcome: Finding["outcome"],
  code: ErrorCode | null,
  facts: Facts,
  durationMs: number,
): Finding {
  return { id, subject, outcome, code, ...both(facts), durationMs };
}

function both(given: Facts): Pick<Finding, "facts" | "detail"> {
  const facts = asFacts(given);
  return { facts, detail: (tellFacts(facts) ?? "").slice(0, 1000) };
}
