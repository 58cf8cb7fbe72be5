import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { SavedSettings } from "../kept/saved-settings.ts";
import type { Owners } from "../machine/file-owners.ts";
import type { System } from "../machine/system.ts";
import { Transaction } from "./transaction.ts";
import { TrialFiles } from "./trial-files.ts";

/**
 * What the armed timer runs when nobody kept the trial in time: goes back without configd, which
 * may be hung or gone. A trial that somebody decided to keep is finished instead.
 */
export async function revertByTimer(
  id: string,
  parts: { system: System; paths: AppliancePaths; owners: Owners | null; clock: Clock; log: Log },
): Promise<void> {
  const { system, paths, clock, log } = parts;
  const files = new TrialFiles(paths);
  const state = await files.readState();
  if (state?.id !== id) return;
  const transaction = new Transaction({ ...parts, kept: new SavedSettings(paths, system), files });
  const trial = await files.read();
  const end = trial !== null && (await files.decide("revert")) === "keep" ? "kept" : "timed-out";
  if (end === "kept" && trial !== null) await transaction.keep(trial);
  else await transaction.revert(id);
  await files.writeEnd({ id, by: state.by, at: clock.nowMs(), end, detail: "" });
  log.info("trial ended by the timer", { id, end });
}
