import { access, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { removeDurably, syncFolder, writeDurably } from "../../base/durable-file.ts";
import type { Log } from "../../base/log.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { System } from "../machine/system.ts";
import { agentUnit, everyShard } from "../machine/units.ts";

/**
 * What is this appliance's own. Not its machine-id and keys (host), its signature packs (content)
 * and its journal.
 */
const wiped = ["settings", "secrets", "identity", "spool", "scan"] as const;

/**
 * Removes settings, secrets, identity and results, and restarts. From its first step on a power cut
 * changes nothing of that: the mark is removed last, by the start that finds nothing left to
 * remove.
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
  const running = [
    agentUnit,
    ...(await system.units(everyShard).catch(() => [])).map(({ name }) => name),
  ];
  // Who still runs would write again what is removed here; the next start removes that too.
  for (const unit of running)
    await system
      .stopUnit(unit)
      .catch((error: unknown) => log.warning("unit not stopped", { unit, error: String(error) }));
  await wipe(paths);
  await system.power("reboot");
}

/** At the start: ends a factory reset that is under way. Gives whether there was one. */
export async function finishFactoryReset(paths: AppliancePaths): Promise<boolean> {
  const begun = await access(paths.factoryReset).then(
    () => true,
    () => false,
  );
  if (!begun) return false;
  await wipe(paths);
  await removeDurably(paths.factoryReset);
  return true;
}

async function wipe(paths: AppliancePaths): Promise<void> {
  for (const name of wiped) {
    const folder = join(paths.data, name);
    // The folders stay, with the owners that units expect.
    const entries = await readdir(folder).catch(() => null);
    if (entries === null) continue;
    for (const entry of entries) await rm(join(folder, entry), { recursive: true, force: true });
    await syncFolder(folder);
  }
}
