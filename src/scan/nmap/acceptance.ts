import { countAddresses } from "../../base/addresses/ranges.ts";
import { plannedRanges } from "../../base/addresses/scan-targets.ts";
import { type Fact, fact, quoted } from "../../base/messages/facts.ts";
import type { Verdict } from "../engine.ts";
import type { ShardDone, ShardPlan } from "../schemas.ts";
import type { NmapRun } from "./run-schema.ts";

/**
 * Whether a shard's result counts. nmap's exit code alone does not show it (measured with 7.95): it
 * is 0 for names that do not resolve, for targets without a route, and for hosts that took too
 * long.
 */
export function judgeShard(
  plan: Pick<ShardPlan, "targets" | "exclusions">,
  done: Pick<ShardDone, "exitCode" | "signal" | "errorTail">,
  run: NmapRun,
): Verdict {
  const reason = whyRefused(plan, done, run);
  return reason === null
    ? { accepted: true }
    : { accepted: false, reason, tooMuch: cutShort(done, run) };
}

/** nmap was ended, or its output is cut or too large: not a fault that every run would have. */
function cutShort({ signal }: Pick<ShardDone, "signal">, { problem, complete }: NmapRun): boolean {
  return signal !== null || problem !== null || !complete;
}

function whyRefused(
  plan: Pick<ShardPlan, "targets" | "exclusions">,
  done: Pick<ShardDone, "exitCode" | "signal" | "errorTail">,
  { problem, complete, finished, skippedTargets }: NmapRun,
): Fact | null {
  const engine = "nmap";
  if (done.signal !== null) return fact("engine-signal", { engine, signal: done.signal });
  if (done.exitCode !== 0)
    return fact("engine-code", {
      engine,
      code: String(done.exitCode),
      said: (finished?.errorMessage || done.errorTail.trim() || "no message").slice(0, 370),
    });
  if (problem !== null) return fact("engine-xml", { said: problem });
  if (!complete || !finished) return fact("engine-xml-cut");
  if (finished.exit !== "success")
    return finished.errorMessage
      ? quoted(finished.errorMessage)
      : fact("engine-says", { engine, said: finished.exit });
  if (skippedTargets.length > 0)
    return fact("engine-skipped", { engine, targets: skippedTargets.slice(0, 5).join(", ") });
  const asked = countAddresses(plannedRanges(plan.targets, plan.exclusions));
  const reported = finished.up + finished.down;
  return reported === asked ? null : fact("engine-counts", { engine, reported, asked });
}
