import { countAddresses } from "../../base/addresses/ranges.ts";
import { rangesToScan } from "../../base/addresses/scan-targets.ts";
import type { ShardDone, ShardPlan } from "../schemas.ts";
import type { NmapRun } from "./xml.ts";

export type Verdict = { accepted: true } | { accepted: false; reason: string };

/**
 * Whether a shard's result can be believed. nmap's exit code alone cannot: it is 0 for names that
 * do not resolve, for targets without a route, and for hosts that took too long.
 */
export function judgeShard(
  plan: Pick<ShardPlan, "targets" | "exclusions">,
  done: Pick<ShardDone, "exitCode" | "signal" | "errorTail">,
  run: NmapRun,
): Verdict {
  const refuse = (reason: string): Verdict => ({ accepted: false, reason: reason.slice(0, 400) });
  if (done.signal !== null) return refuse(`nmap was ended by ${done.signal}`);
  if (done.exitCode !== 0)
    return refuse(
      `nmap ended with code ${done.exitCode}: ${run.finished?.errorMessage || done.errorTail.trim() || "no message"}`,
    );
  if (run.problem !== null) return refuse(`its XML cannot be read: ${run.problem}`);
  if (!run.complete || !run.finished) return refuse("its XML is cut off");
  if (run.finished.exit !== "success")
    return refuse(run.finished.errorMessage || `nmap says ${run.finished.exit}`);
  if (run.skippedTargets.length > 0)
    return refuse(`nmap skipped ${run.skippedTargets.slice(0, 5).join(", ")}`);
  const asked = countAddresses(rangesToScan(plan.targets, plan.exclusions));
  const told = run.finished.up + run.finished.down;
  if (told !== asked) return refuse(`nmap tells of ${told} addresses, ${asked} were asked for`);
  return { accepted: true };
}
