import { asOutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { asFacts, describeFacts, type Fact, quoted } from "../../base/messages/facts.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import { authoritiesSeen } from "../../transport/stages/untrusted-issuer.ts";
import type { Subject } from "./subject.ts";

/** How one subject's check ended; run-checks.ts adds which check it was. */
export type Finding = Omit<CheckResult, "check">;
/** As long as a certificate in the settings may be. */
const longestAuthority = 8192;
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

/** The finding with the authorities that its error saw on the way, so that they can be trusted. */
export function withAuthorities(found: Finding, error: unknown): Finding {
  const seen = authoritiesSeen(error)
    .map(({ pem }) => pem)
    .filter((pem) => pem.length <= longestAuthority);
  return seen.length === 0 ? found : { ...found, authorities: seen };
}

/** An error's detail as facts. */
export function factsOf(error: unknown): readonly Fact[] {
  const failure = asOutriderError(error);
  return failure.facts ?? [quoted(failure.detail ?? failure.message)];
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
  return { facts, detail: (describeFacts(facts) ?? "").slice(0, 1000) };
}
