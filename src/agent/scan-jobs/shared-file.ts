import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/**
 * Opens a file that the scan's user may have put there: it must be a plain one. A link could lead
 * to this process's own secrets, and whoever opens a pipe waits for a writer that may never come.
 */
async function openSharedFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new TypeError("not a plain file");
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Its text; rejects when it is longer than `longestBytes`. */
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

/** Its bytes as they are read. */
export async function* sharedFileChunks(path: string): AsyncGenerator<Buffer> {
  const file = await openSharedFile(path);
  yield* file.createReadStream();
}
