import type { CheckResult } from "../../protocol/schemas/check-result.ts";

/**
 * Advises to revert when a check that was good before is not good now. Checks are compared by kind,
 * because their subjects differ (another gateway, another DNS server); services by name.
 */
export function adviseOn(
  before: readonly CheckResult[],
  after: readonly CheckResult[],
): "keep" | "revert" {
  const reachedNow = reached(after);
  return [...reached(before)].every((check) => reachedNow.has(check)) ? "keep" : "revert";
}

function reached(results: readonly CheckResult[]): Set<string> {
  const good = results.filter((result) => result.outcome === "ok" || result.outcome === "warning");
  // A proxy that is no longer used is no loss: the checks of the services decide. The clock does not
  // depend on the settings that a trial changes.
  return new Set(
    good
      .filter(({ check }) => check !== "proxy" && check !== "clock")
      .map((result) => (result.check === "service" ? result.id : result.check)),
  );
}
