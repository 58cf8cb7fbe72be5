import type { Trial } from "../../../src/configd/api/status.ts";
import type { CheckResult } from "../../../src/protocol/schemas/check-result.ts";

/** A check with the old settings and with the new ones. */
export interface CheckPair {
  /** Null for all services together, when their outcomes are the same. */
  subject: Pick<CheckResult, "id" | "subject"> | null;
  before: CheckResult | undefined;
  now: CheckResult | undefined;
}

/**
 * The checks before and during the trial side by side, in their order. Services with the same
 * outcomes are one line.
 */
export function pairChecks(trial: Pick<Trial, "checks" | "checksBefore">): CheckPair[] {
  const all = [...trial.checks, ...trial.checksBefore];
  const ids = [...new Set(all.map(({ id }) => id))];
  const pairs = ids.map((id) => {
    const before = trial.checksBefore.find((check) => check.id === id);
    const now = trial.checks.find((check) => check.id === id);
    return {
      check: (now ?? before)?.check ?? "service",
      subject: now ?? before ?? { id, subject: id },
      before,
      now,
    };
  });
  const sorted = inBoth(
    trial.checks.map(({ check }) => check),
    trial.checksBefore.map(({ check }) => check),
  ).flatMap((check) => pairs.filter((pair) => pair.check === check));
  const services = sorted.filter(({ check }) => check === "service");
  const [first] = services;
  const alike =
    first !== undefined &&
    services.length > 1 &&
    services.every((each) => sameFate(each.before, first.before) && sameFate(each.now, first.now));
  const shown = alike
    ? [...sorted.filter(({ check }) => check !== "service"), { ...first, subject: null }]
    : sorted;
  return shown.map(({ subject, before, now }) => ({ subject, before, now }));
}

/** The names of two lists, each once, in an order that keeps both. */
function inBoth(first: readonly string[], second: readonly string[]): string[] {
  const names = [...new Set(first)];
  let at = 0;
  for (const name of new Set(second)) {
    const known = names.indexOf(name);
    if (known < 0) names.splice(at++, 0, name);
    else at = known + 1;
  }
  return names;
}

function sameFate(one: CheckResult | undefined, other: CheckResult | undefined): boolean {
  return one?.outcome === other?.outcome && one?.code === other?.code;
}
