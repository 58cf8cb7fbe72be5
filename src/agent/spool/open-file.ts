import { closeSync, fstatSync, fsync, ftruncate, open, openSync, read } from "node:fs";
import { promisify } from "node:util";

/*
 * What is done to a part on its way out, with as few turns of the thread pool as can be: each costs
 * the main thread more than closing a file or asking for its size, which touch no disk, and
 * `FileHandle` takes one for everything.
 */
const openFile = promisify(open);
const readFrom = promisify(read);
const syncFile = promisify(fsync);
const truncateFile = promisify(ftruncate);

/** All of a file, in memory of its own. */
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
 * Makes the names in a folder durable that was changed just now, so that opening it touches no disk
 * either.
 */
export async function syncChanged(folder: string): Promise<void> {
  const file = openSync(folder, "r");
  try {
    await syncFile(file);
  } finally {
    closeSync(file);
  }
}

/** A file that can be emptied, wherever it has been moved; null when it cannot be opened. */
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
  } catch {
    return null;
  }
}
