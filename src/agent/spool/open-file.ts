import { closeSync, fstatSync, fsync, ftruncate, open, openSync, read } from "node:fs";
import { promisify } from "node:util";
import { ignoring } from "../../base/missing-file.ts";

/*
 * The file operations of an upload use the thread pool as little as possible. Each use costs the
 * main thread more than the system calls that touch no disk, as close(2) and fstat(2), and
 * `FileHandle` uses the pool for every one.
 */
const openFile = promisify(open);
const readFrom = promisify(read);
const syncFile = promisify(fsync);
const truncateFile = promisify(ftruncate);

/** The whole file, in a buffer that owns its memory. */
export async function readWhole(path: string): Promise<Buffer> {
  const file = await openFile(path, "r");
  try {
    const content = Buffer.allocUnsafeSlow(fstatSync(file).size);
    let length = 0;
    while (length < content.length) {
      const { bytesRead } = await readFrom(file, content, length, content.length - length, null);
      if (bytesRead === 0) return content.subarray(0, length);
      length += bytesRead;
    }
    return content;
  } finally {
    closeSync(file);
  }
}

/**
 * Makes the names in a folder durable. The folder was changed just now, so opening it touches no
 * disk.
 */
export async function syncChanged(folder: string): Promise<void> {
  const file = openSync(folder, "r");
  try {
    await syncFile(file);
  } finally {
    closeSync(file);
  }
}

/** A file that can be emptied after it was moved; null when it cannot be opened. */
export function openToEmpty(
  path: string,
): { bytes: number; empty(): Promise<void>; close(): void } | null {
  try {
    const file = openSync(path, "r+");
    return {
      bytes: fstatSync(file).size,
      empty: () => truncateFile(file, 0),
      close: () => closeSync(file),
    };
  } catch (error) {
    ignoring("the caller does without it")(error);
    return null;
  }
}
