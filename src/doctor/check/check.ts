import type { Fact } from "../../base/messages/facts.ts";
import type { Path } from "../path/path.ts";
import type { Finding } from "./findings.ts";
import type { Subject } from "./subject.ts";

/**
 * One check of the path, as data. Order, "skipped because" and suppression follow from `needs`, in
 * run-checks.ts: a check runs after those that it needs; a subject is skipped, with the reason, when
 * one of them failed or was skipped itself, so that only the first cause is shown as failed.
 */
export interface Check {
  /** Also the kind of its results: what `--only` names. Lower-case words with hyphens. */
  id: string;
  /** Directly needed checks, the one that comes first in the path first. */
  needs: readonly Check[];
  /** `every`: of every interface with a role. `management`: of the one that calls home. */
  role: "every" | "management";
  /**
   * Set where the check sends nothing: then it also runs before a single check (`--only`) that needs
   * it. Others are taken to be ok then.
   */
  passive?: true | undefined;
  /** Set where the check is not listed when it is skipped. */
  hiddenWhenSkipped?: true | undefined;
  subjects(path: Path): readonly Subject[];
  /** Listed instead of all subjects when none of them can be looked at, for the same reason. */
  summary?(path: Path): Subject;
  /** Never rejects. Several findings where a subject has steps. */
  run(subject: Subject, path: Path): Promise<readonly Finding[]> | readonly Finding[];
  /** A last look at all findings together. */
  conclude?(findings: readonly Finding[], path: Path): readonly Finding[];
  /** Whether that subject of another check needs this one; unset, all do. */
  isNeededFor?(subject: Subject, path: Path): boolean | Promise<boolean>;
  /** Why that subject is skipped when this check failed; unset, with this check's id. */
  because?(subject: Subject): Fact;
  /**
   * The same where this check was skipped for each of its own subjects; unset, the first cause is
   * passed on.
   */
  becauseSkipped?: Fact | undefined;
}
