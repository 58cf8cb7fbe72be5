import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { Trial } from "../api/status.ts";
import { apartFromSettings, firstTrialFailure } from "../api/trial-failure.ts";

/**
 * "revert" when a check that was good before is not good now; "not-yet" when nothing was lost and a
 * check fails all the same; else "keep". Checks are compared by kind, because their subjects differ
 * (another gateway, another DNS server); services by name.
 */
export function adviseOn(
  before: readonly CheckResult[],
  after: readonly CheckResult[],
): NonNullable<Trial["advice"]> {
  const reachedNow = reached(after);
  const compared = [...reached(before)].filter(
    // What is not there any more is no loss, as a proxy or the scan side of split mode: the checks of
    // the services decide.
    (check) => check.startsWith("service:") || after.some((result) => result.check === check),
  );
  if (!compared.every((check) => reachedNow.has(check))) return "revert";
  return firstTrialFailure(after) ? "not-yet" : "keep";
}

function reached(results: readonly CheckResult[]): Set<string> {
  const good = results.filter((result) => result.outcome === "ok" || result.outcome === "warning");
  return new Set(
    good
      .filter(({ check }) => !apartFromSettings.includes(check))
      .map((result) => (result.check === "service" ? result.id : result.check)),
  );
}
