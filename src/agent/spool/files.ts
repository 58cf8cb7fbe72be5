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
import { said } from "../../base/messages/facts.ts";
import { openToEmpty, readWhole } from "./open-file.ts";
import { SharedSyncs } from "./shared-syncs.ts";

/**
 * All that the spool does to a disk. What is done is durable when the promise is kept. A disk
 * without space rejects with `storage-full`, one that cannot be read with `storage-damaged`;
 * whatever failed has changed nothing.
 */
export interface SpoolFiles {
  /** Null when it is not there. */
  read(path: string): Promise<Buffer | null>;
  /** Replaces the file as a whole. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /**
   * Removes what was left of writes by whoever was killed, in the folder and those in it; before
   * anybody writes there.
   */
  removeAbandoned(folder: string): Promise<void>;
  /** Names of files and folders, those of files being written left out. */
  list(folder: string): Promise<string[]>;
  /** Null when it is not there. */
  size(path: string): Promise<number | null>;
  /** What a folder takes: the bytes of its files, and something for each file. */
  usage(folder: string): Promise<number>;
  makeFolder(path: string): Promise<void>;
  /**
   * Moves and empties a file, which takes no space: a crash between the two leaves what was moved
   * whole. Gives the bytes that were in it; null when there was nothing to move.
   */
  moveEmptied(from: string, to: string): Promise<number | null>;
  move(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
}

/** What a file costs besides its content: its inode and its name. */
export const bytesPerFile = 512;

/** @param syncs makes moves durable, several by one sync */
export function diskFiles(syncs = new SharedSyncs()): SpoolFiles {
  return { ...alone, moveEmptied: (from, to) => moveEmptied(from, to, syncs) };
}

const sizeOf = async (path: string) => (await lstat(path).catch(() => null))?.size ?? null;

async function moveEmptied(from: string, to: string, syncs: SharedSyncs): Promise<number | null> {
  const file = openToEmpty(from);
  // What cannot be opened is moved all the same: its number is settled.
  if (!file && (await sizeOf(from)) === null) return null;
  try {
    await telling(() => rename(from, to));
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
      if (errorName(error) === "ENOENT") return null;
      throw unreadable(error);
    }
  },
  write: (path, content) => telling(() => writeDurably(path, content)),
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
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(
      () => [],
    )) {
      if (!entry.isFile()) continue;
      const { size } = (await lstat(join(entry.parentPath, entry.name)).catch(() => null)) ?? {
        size: 0,
      };
      bytes += size + bytesPerFile;
    }
    return bytes;
  },
  makeFolder: (path) => telling(() => makeFolderDurably(path)),
  move: async (from, to) => {
    await telling(() => rename(from, to));
    await syncFolder(dirname(to));
  },
  remove: removeDurably,
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
};

/** Whether there is space again after there was none. */
export async function hasSpace(
  files: Pick<SpoolFiles, "write" | "remove">,
  probe: string,
): Promise<boolean> {
  try {
    await files.write(probe, new Uint8Array(64 * 1024));
    return true;
  } catch {
    return false;
  } finally {
    await files.remove(probe).catch(() => undefined);
  }
}

async function telling<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const name = errorName(error);
    if (name === "ENOSPC" || name === "EDQUOT")
      throw new OutriderError("storage-full", { cause: error });
    throw error;
  }
}

/** Faults that say nothing about what is stored: it can be read later, or by somebody else. */
const passing = new Set(["EMFILE", "ENFILE", "ENOMEM", "EACCES", "EPERM"]);

function unreadable(error: unknown): unknown {
  if (passing.has(errorName(error))) return error;
  return new OutriderError("storage-damaged", { detail: said(errorName(error)), cause: error });
}

function errorName(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
