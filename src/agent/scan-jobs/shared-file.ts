import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/**
 * Opens a file that the scan's user may have written; only a plain file is taken. A link could lead
 * to the agent's own secrets, and to open a pipe would wait for a writer that may never come.
 */
export async function openSharedFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new TypeError("not a plain file");
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The text of a file; rejects when it is longer than `longestBytes` or no plain file. */
export async function readSharedFile(path: string, longestBytes: number): Promise<string> {
  const file = await openSharedFile(path);
  try {
    const { size } = await file.stat();
    if (size > longestBytes) throw new RangeError(`more than ${longestBytes} bytes`);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}
