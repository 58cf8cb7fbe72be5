import type { CheckResult } from "../../protocol/schemas/check-result.ts";

/**
 * The first failed check that a trial's settings can be to blame for, or undefined. The clock does
 * not depend on them, and an appliance that is not enrolled yet has no services to reach.
 */
export function firstTrialFailure(checks: readonly CheckResult[]): CheckResult | undefined {
  return checks.find(
    ({ outcome, check, code }) =>
      outcome === "failed" && check !== "clock" && code !== "not-enrolled",
  );
}
