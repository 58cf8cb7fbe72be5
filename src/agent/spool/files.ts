import { lstat, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  makeFolderDurably,
  removeAbandoned,
  removeDurably,
  syncFolder,
  writeDurably,
} from "../../base/durable-file.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { quoted } from "../../base/messages/facts.ts";
import { ignoring, systemCodeOf } from "../../base/missing-file.ts";
import { openToEmpty, readWhole } from "./open-file.ts";
import { SharedSyncs } from "./shared-syncs.ts";

/**
 * All disk operations of the spool. A change is durable when its promise resolves. An operation
 * rejects with OutriderError "storage-full" when the disk has no space, and with "storage-damaged"
 * when it cannot be read; a failed operation has changed nothing.
 */
export interface SpoolFiles {
  /** Null when there is no such file. */
  read(path: string): Promise<Buffer | null>;
  /** Replaces the file as a whole. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /**
   * Removes the temporary files of processes that were killed, in the folder and its subfolders.
   * Call it before the first write there.
   */
  removeAbandoned(folder: string): Promise<void>;
  /** Names of files and folders, without temporary files. */
  list(folder: string): Promise<string[]>;
  /** In bytes; null when there is no such file. */
  size(path: string): Promise<number | null>;
  /** The bytes that a folder takes: those of its files, and `bytesPerFile` for each. */
  usage(folder: string): Promise<number>;
  makeFolder(path: string): Promise<void>;
  /**
   * Moves a file and empties it, which takes no space. A crash between the two leaves the moved
   * file with its content. Returns the bytes that were in it; null when there was no such file.
   */
  moveEmptied(from: string, to: string): Promise<number | null>;
  move(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
}

/** Bytes that a file costs besides its content: its inode and its name. */
export const bytesPerFile = 512;

/** @param syncs makes moves durable, several by one sync */
export function diskFiles(syncs = new SharedSyncs()): SpoolFiles {
  return { ...alone, moveEmptied: (from, to) => moveEmptied(from, to, syncs) };
}

const sizeOf = async (path: string) =>
  (await lstat(path).catch(ignoring("the size counts as unknown")))?.size ?? null;

async function moveEmptied(from: string, to: string, syncs: SharedSyncs): Promise<number | null> {
  const file = openToEmpty(from);
  // A file that cannot be opened is moved all the same: its part has a receipt or is lost.
  if (!file && (await sizeOf(from)) === null) return null;
  try {
    await orStorageFull(() => rename(from, to));
    await Promise.all(
      [...new Set([dirname(to), dirname(from)])].map((folder) => syncs.sync(folder)),
    );
    await file?.empty();
    return file?.bytes ?? 0;
  } finally {
    file?.close();
  }
}

const alone: Omit<SpoolFiles, "moveEmptied"> = {
  read: async (path) => {
    try {
      return await readWhole(path);
    } catch (error) {
      if (systemCodeOf(error) === "ENOENT") return null;
      throw unreadable(error);
    }
  },
  write: (path, content) => orStorageFull(() => writeDurably(path, content)),
  removeAbandoned: (folder) => removeAbandoned(folder),
  list: async (folder) => {
    const names = await readdir(folder).catch((error: unknown) => {
      throw unreadable(error);
    });
    return names.filter((name) => !name.endsWith(".tmp"));
  },
  size: sizeOf,
  usage: async (folder) => {
    let bytes = 0;
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
      ignoring("a folder that cannot be listed counts as empty"),
    );
    for (const entry of entries ?? []) {
      if (!entry.isFile()) continue;
      bytes += ((await sizeOf(join(entry.parentPath, entry.name))) ?? 0) + bytesPerFile;
    }
    return bytes;
  },
  makeFolder: (path) => orStorageFull(() => makeFolderDurably(path)),
  move: async (from, to) => {
    await orStorageFull(() => rename(from, to));
    await syncFolder(dirname(to));
  },
  remove: removeDurably,
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
};

/** Whether the disk has space again. */
export async function hasSpace(
  files: Pick<SpoolFiles, "write" | "remove">,
  probe: string,
): Promise<boolean> {
  try {
    await files.write(probe, new Uint8Array(64 * 1024));
    return true;
  } catch (error) {
    ignoringDisk("the disk still refuses to write")(error);
    return false;
  } finally {
    await files.remove(probe).catch(ignoringDisk("the next probe replaces the file"));
  }
}

/**
 * For `.catch()` of a disk operation: ignores the errors of the disk, so that programming errors
 * still come to light.
 *
 * @param why for the reader of the call: why the failure does no harm
 */
export function ignoringDisk(why: string): (error: unknown) => undefined {
  const ignore = ignoring(why);
  return (error) => {
    const isStorage =
      error instanceof OutriderError &&
      (error.code === "storage-full" || error.code === "storage-damaged");
    return isStorage ? undefined : ignore(error);
  };
}

async function orStorageFull<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "ENOSPC" || code === "EDQUOT")
      throw new OutriderError("storage-full", { cause: error });
    throw error;
  }
}

/** Errors that prove no damage: the file can be read later, or by another user. */
const passing = new Set(["EMFILE", "ENFILE", "ENOMEM", "EACCES", "EPERM"]);

function unreadable(error: unknown): unknown {
  const code = systemCodeOf(error);
  if (code !== null && passing.has(code)) return error;
  return new OutriderError("storage-damaged", { detail: quoted(code ?? ""), cause: error });
}
