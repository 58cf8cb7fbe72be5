import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { SavedSettings } from "../kept/saved-settings.ts";
import type { Owners } from "../machine/file-owners.ts";
import type { System } from "../machine/system.ts";
import { Transaction } from "./transaction.ts";
import { TrialFiles } from "./trial-files.ts";

/**
 * The reverter: the armed timer runs it when the trial was not kept in time. It works without
 * configd, which may hang or be gone. If the operator already decided to keep, it finishes the keep.
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
