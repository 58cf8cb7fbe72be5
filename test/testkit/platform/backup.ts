import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestPlatform } from "./platform.ts";

const databaseOf = ({ dataFolder }: TestPlatform) => join(dataFolder, "platform.sqlite");
const backupOf = ({ dataFolder }: TestPlatform) => join(dataFolder, "backup.sqlite");

/** Copies the database while the platform runs, as a backup does. */
export function backUp(platform: TestPlatform): void {
  const database = new DatabaseSync(databaseOf(platform), { readOnly: true });
  database.exec(`vacuum into '${backupOf(platform)}'`);
  database.close();
}

/** Ends the platform, puts the copy back and starts it again. */
export async function restore(platform: TestPlatform): Promise<void> {
  await platform.stop();
  for (const suffix of ["-wal", "-shm"]) await rm(databaseOf(platform) + suffix, { force: true });
  await copyFile(backupOf(platform), databaseOf(platform));
  await platform.restart();
}
