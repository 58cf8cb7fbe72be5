import { type Fact, fact } from "../base/messages/facts.ts";
import type { CheckResult } from "../protocol/schemas/check-result.ts";
import type { Check } from "./check/check.ts";
import { type Finding, skipped } from "./check/findings.ts";
import type { Subject } from "./check/subject.ts";
import { checks as pathChecks } from "./checks.ts";
import { findPaths, type Path } from "./path/path.ts";
import type { Surroundings } from "./path/surroundings.ts";

/**
 * Runs the checks and yields each result as it comes. A check whose need failed is skipped with the
 * reason, so that the first failure is the cause and nothing waits for what cannot work. Every
 * attempt has a time limit, and what needs nothing of each other runs at once: a dead hop is named within 15 s.
 *
 * `only` is a check's id ("dns") or a result's ("service:health"): nothing else is tried, and the
 * checks that it needs are taken to be ok, but for the passive ones.
 */
export async function* runChecks(
  surroundings: Surroundings,
  signal: AbortSignal,
  only: string | null = null,
  checks: readonly Check[] = pathChecks,
  side: Side = "both",
): AsyncGenerator<CheckResult> {
  const ordered = inOrder(checks);
  const kind = only?.split(":", 1)[0];
  const isWanted = ({ id, check }: Pick<CheckResult, "id" | "check">) =>
    only === null || only === check || only === id;
  const { scan, home } = await findPaths(surroundings, signal, only);
  const runs = pathsOf(side, scan, home).map((path) => {
    const wanted = ordered.filter(
      (check) =>
        (path === home || check.role === "every") &&
        (kind === undefined || kind === check.id || check.passive === true),
    );
    return { wanted, run: new PathRun(path, wanted) };
  });
  for (const { wanted, run } of runs)
    for (const check of wanted)
      for (const { id, ...rest } of await run.findings(check)) {
        const result = { id, check: check.id, ...rest };
        if (isWanted(result)) yield result;
      }
}

/**
 * Which sides are checked in split mode. The guards let nobody but the scan's user send on the scan
 * side, so each side is checked by a process of its own user. In single mode there is one side, home.
 */
export type Side = "both" | "scan" | "home";

function pathsOf(side: Side, scan: Path | null, home: Path): Path[] {
  if (side === "home") return [home];
  if (side === "scan") return scan === null ? [] : [scan];
  return scan === null ? [home] : [scan, home];
}

/**
 * The checks in the order of the list, but each after those that it needs. Throws RangeError when
 * one of those is not in the list.
 */
export function inOrder(checks: readonly Check[]): Check[] {
  const ordered = new Set<Check>();
  const add = (check: Check) => {
    if (!checks.includes(check)) throw new RangeError(`the check ${check.id} is not in the list`);
    for (const need of check.needs) add(need);
    ordered.add(check);
  };
  for (const check of checks) add(check);
  return [...ordered];
}

/** Why what needs a check is skipped. */
interface Obstacle {
  reason(subject: Subject): Fact;
  /** Unset, the reason holds for every subject. */
  holdsFor?: Check["isNeededFor"] | undefined;
}

/** The checks of one path, all begun at once: each waits for those that it needs. */
class PathRun {
  readonly #path: Path;
  /** In an order in which needs come first. */
  readonly #findings = new Map<Check, Promise<readonly Finding[]>>();
  /** null for a check that the others can rely on. */
  readonly #ended = new Map<Check, Obstacle | null>();

  constructor(path: Path, checks: readonly Check[]) {
    this.#path = path;
    for (const check of checks) {
      const findings = this.#after(check);
      // Who asks for them hears of a fault; the others must not end the process.
      findings.catch(() => undefined);
      this.#findings.set(check, findings);
    }
  }

  /** Of one of the given checks. */
  async findings(check: Check): Promise<readonly Finding[]> {
    return (await this.#findings.get(check)) ?? [];
  }

  async #after(check: Check): Promise<readonly Finding[]> {
    await Promise.all(this.#neededBy(check).map((need) => this.#findings.get(need)));
    return this.#run(check);
  }

  /** With what those need that are not run themselves. */
  #neededBy(check: Check): Check[] {
    return check.needs.flatMap((need) =>
      this.#findings.has(need) ? [need] : this.#neededBy(need),
    );
  }

  async #run(check: Check): Promise<readonly Finding[]> {
    const obstacles = this.#obstaclesOf(check);
    const forAll = obstacles.find(({ holdsFor }) => holdsFor === undefined);
    if (forAll) {
      this.#ended.set(check, forAll);
      if (check.hiddenWhenSkipped) return [];
      const subjects = check.summary ? [check.summary(this.#path)] : check.subjects(this.#path);
      return subjects.map((subject) => skipped(subject, forAll.reason(subject)));
    }
    const looks = await Promise.all(
      check.subjects(this.#path).map(async (subject) => {
        const obstacle = await this.#obstacleFor(subject, obstacles);
        if (obstacle === null) return { obstacle, findings: await check.run(subject, this.#path) };
        const reason = skipped(subject, obstacle.reason(subject));
        return { obstacle, findings: check.hiddenWhenSkipped ? [] : [reason] };
      }),
    );
    const found = looks.flatMap(({ findings }) => findings);
    const findings = check.conclude?.(found, this.#path) ?? found;
    const skippedBy = looks.every(({ obstacle }) => obstacle) ? looks[0]?.obstacle : null;
    const hasFailed = findings.some(({ outcome }) => outcome === "failed");
    if (hasFailed) this.#ended.set(check, failureOf(check));
    else this.#ended.set(check, skippedBy ? passedOn(check, skippedBy) : null);
    return findings;
  }

  /** A need that is not run (`--only`) counts as ok, and what it needs itself is looked at. */
  #obstaclesOf(check: Check): Obstacle[] {
    return check.needs.flatMap((need) => {
      const ended = this.#ended.get(need);
      return ended === undefined ? this.#obstaclesOf(need) : (ended ?? []);
    });
  }

  /** In the order of `needs`, so that the first cause on the path is the one that is shown. */
  async #obstacleFor(subject: Subject, obstacles: readonly Obstacle[]): Promise<Obstacle | null> {
    for (const obstacle of obstacles)
      if ((await obstacle.holdsFor?.(subject, this.#path)) ?? true) return obstacle;
    return null;
  }
}

function failureOf({ id, because, isNeededFor }: Check): Obstacle {
  return {
    reason: (subject) => because?.(subject) ?? fact("after-check", { check: id }),
    holdsFor: isNeededFor,
  };
}

/** What stops all of a check's subjects stops what needs the check, as the same cause. */
function passedOn(check: Check, cause: Obstacle): Obstacle {
  const { becauseSkipped, isNeededFor } = check;
  return becauseSkipped ? { reason: () => becauseSkipped, holdsFor: isNeededFor } : cause;
}
