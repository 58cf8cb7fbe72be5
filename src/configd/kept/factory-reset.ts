import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { removeDurably, syncFolder, writeDurably } from "../../base/durable-file.ts";
import type { Log } from "../../base/log.ts";
import { ignoring, readIfThere } from "../../base/missing-file.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { System } from "../machine/system.ts";
import { agentUnit, everyShard } from "../machine/units.ts";

/**
 * The folders that a factory reset empties. The machine-id and its keys (host), the signature packs
 * (content) and the journal stay.
 */
const wiped = ["settings", "secrets", "identity", "spool", "scan"] as const;

/**
 * Removes settings, secrets, identity and results, and restarts. A power cut after the first step
 * does not stop it: the next boot finds the mark and finishes the reset, then removes the mark.
 */
export async function factoryReset({
  system,
  paths,
  log,
}: {
  system: System;
  paths: AppliancePaths;
  log: Log;
}): Promise<void> {
  await writeDurably(paths.factoryReset, "");
  log.warning("factory reset begins");
  // A reset must go on when systemd does not answer: the restart ends the shards anyway.
  const shards = await system.units(everyShard).catch((error: unknown) => {
    log.warning("shards not listed", { error: String(error) });
    return [];
  });
  const running = [agentUnit, ...shards.map(({ name }) => name)];
  // A unit that still runs could write the files again. The next boot would remove those too.
  for (const unit of running)
    await system
      .stopUnit(unit)
      .catch((error: unknown) => log.warning("unit not stopped", { unit, error: String(error) }));
  await wipe(paths);
  await system.power("reboot");
}

/** For the boot: finishes a factory reset that is under way. Returns whether there was one. */
export async function finishFactoryReset(paths: AppliancePaths): Promise<boolean> {
  if ((await readIfThere(paths.factoryReset)) === null) return false;
  await wipe(paths);
  await removeDurably(paths.factoryReset);
  return true;
}

async function wipe(paths: AppliancePaths): Promise<void> {
  for (const name of wiped) {
    const folder = join(paths.data, name);
    // The folders stay, with the owners that units expect.
    const entries = await readdir(folder).catch(ignoring("the next boot makes the folder"));
    if (entries === undefined) continue;
    for (const entry of entries) await rm(join(folder, entry), { recursive: true, force: true });
    await syncFolder(folder);
  }
}
