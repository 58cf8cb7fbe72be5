import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ignoring } from "./missing-file.ts";

export interface DurableWriteOptions {
  /** Permission bits of the new file. Default 0o600. */
  mode?: number;
  /** Numeric owner of the new file; the process's own user and group when absent. */
  owner?: { uid: number; gid: number };
}

/**
 * Replaces the file at `path` with `data`. After a crash or a power cut the file is either the whole
 * old one or the whole new one. Steps: write a temporary file beside it, fsync, rename, fsync the
 * folder (rename(2) alone does not make the new name durable).
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
    await file?.close().catch(ignoring("the first error is the one to report"));
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

const temporaryName = /^\.[0-9a-f]{12}\.tmp$/;
const abandonedMs = 3_600_000;

/**
 * Removes the temporary files that power cuts and killed processes left, from a folder and its
 * subfolders. With `nowMs` other processes may be writing there: files younger than an hour stay. A
 * file that cannot be removed stays too; it does no harm.
 */
export async function removeAbandoned(folder: string, nowMs?: number): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    ignoring("a folder that cannot be listed is left as it is"),
  );
  for (const entry of entries ?? []) {
    if (!entry.isFile() || !temporaryName.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    if (nowMs === undefined || (await isOlder(path, nowMs - abandonedMs)))
      await rm(path, { force: true }).catch(ignoring("an abandoned file does no harm"));
  }
}

async function isOlder(path: string, thanMs: number): Promise<boolean> {
  const found = await stat(path).catch(ignoring("its writer may have renamed it meanwhile"));
  return found !== undefined && found.mtimeMs < thanMs;
}

/** Removes a file, if it exists, so that it stays removed after a power cut. */
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
