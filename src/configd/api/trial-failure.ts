import type { CheckResult } from "../../protocol/schemas/check-result.ts";

/** Checks that do not depend on the settings that a trial changes. */
export const apartFromSettings: readonly string[] = ["clock", "certificate", "resources"];

/**
 * The first failed check that a trial's settings can be to blame for, or undefined. An appliance
 * that is not enrolled yet has no services to reach.
 */
export function firstTrialFailure(checks: readonly CheckResult[]): CheckResult | undefined {
  return checks.find(
    ({ outcome, check, code }) =>
      outcome === "failed" && !apartFromSettings.includes(check) && code !== "not-enrolled",
  );
}
