import type { CheckResult } from "../../protocol/schemas/check-result.ts";

/**
 * "revert" when the new settings lose what the old ones reached. The results of one check count
 * together, since their subjects differ (another gateway, another DNS server); services by name.
 */
export function adviseOn(
  before: readonly CheckResult[],
  after: readonly CheckResult[],
): "keep" | "revert" {
  const reachedNow = reached(after);
  return [...reached(before)].every((what) => reachedNow.has(what)) ? "keep" : "revert";
}

function reached(results: readonly CheckResult[]): Set<string> {
  const good = results.filter((result) => result.outcome === "ok" || result.outcome === "warning");
  // A proxy that is not needed any more is no loss: what counts is whether the services are
  // reached. Settings do not change the clock.
  return new Set(
    good
      .filter(({ check }) => check !== "proxy" && check !== "clock")
      .map((result) => (result.check === "service" ? result.id : result.check)),
  );
}
