import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { Trial } from "../api/status.ts";
import { firstTrialFailure } from "../api/trial-failure.ts";

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
    // A proxy that is no longer used is no loss: the checks of the services decide.
    (check) => check !== "proxy" || after.some((result) => result.check === "proxy"),
  );
  if (!compared.every((check) => reachedNow.has(check))) return "revert";
  return firstTrialFailure(after) ? "not-yet" : "keep";
}

function reached(results: readonly CheckResult[]): Set<string> {
  const good = results.filter((result) => result.outcome === "ok" || result.outcome === "warning");
  return new Set(
    good
      // The clock does not depend on the settings that a trial changes.
      .filter(({ check }) => check !== "clock")
      .map((result) => (result.check === "service" ? result.id : result.check)),
  );
}
