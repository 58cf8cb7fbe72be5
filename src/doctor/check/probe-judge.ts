import { fact } from "../../base/messages/facts.ts";
import type { Path } from "../path/path.ts";
import type { ServiceProbe } from "../path/service-probe.ts";
import type { Check } from "./check.ts";
import { type Finding, skipped } from "./findings.ts";
import type { Subject } from "./subject.ts";

type Judge = (
  subject: Subject,
  probes: readonly ServiceProbe[],
  path: Path,
) => readonly Finding[] | Promise<readonly Finding[]>;

/** A check that sends nothing of its own, but judges by the probes of the services. */
export function judgeProbes(judge: Judge): Check["run"] {
  return async (subject, path) =>
    path.targets.length === 0
      ? [skipped(subject, fact("no-platform-set"))]
      : judge(subject, await path.probes(), path);
}
