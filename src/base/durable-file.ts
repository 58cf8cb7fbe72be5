import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface DurableWriteOptions {
  /** Permission bits of the new file. Default 0o600. */
  mode?: number;
  /** Owner of the new file, as numbers; left as the process's own when absent. */
  owner?: { uid: number; gid: number };
}

/**
 * Replaces the file at `path` with `data` so that after a crash or a power cut there is either the
 * whole old file or the whole new one: write beside it, fsync, rename, fsync the folder (rename(2)
 * alone does not make the new name durable).
 */
export async function writeDurably(
  path: string,
  data: string | Uint8Array,
  options: DurableWriteOptions = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${randomBytes(6).toString("hex")}.tmp`);
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, "wx", options.mode ?? 0o600);
    // open(2) applies the umask, so the mode is set again on the open file.
    await file.chmod(options.mode ?? 0o600);
    if (options.owner) await file.chown(options.owner.uid, options.owner.gid);
    await file.writeFile(data);
    await file.sync();
    await file.close();
    file = undefined;
    await rename(temporary, path);
  } catch (error) {
    await file?.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

const temporaryName = /^\.[0-9a-f]{12}\.tmp$/;
const abandonedMs = 3_600_000;

/**
 * Removes from a folder and those in it what power cuts and killed processes left of writes. With
 * `nowMs` somebody may be writing: what is younger than an hour is left. What cannot be removed
 * stays; it is in nobody's way.
 */
export async function removeAbandoned(folder: string, nowMs?: number): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    () => [],
  )) {
    if (!entry.isFile() || !temporaryName.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    if (nowMs === undefined || (await isOlder(path, nowMs - abandonedMs)))
      await rm(path, { force: true }).catch(() => undefined);
  }
}

async function isOlder(path: string, thanMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && found.mtimeMs < thanMs;
}

/** Removes a file, if it is there, so that it stays removed after a power cut. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

/** Makes a folder and its parents, and makes their names durable. */
export async function makeFolderDurably(path: string, mode = 0o700): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode });
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder))
    await syncFolder(dirname(folder));
}

/** Makes the names in a folder durable, after a rename. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
