import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";

/**
 * Writes what a program prints to a new file, up to `mostBytes`. The rest, and all of it when the
 * disk refuses the file, is read and dropped: a program whose output nobody reads would wait, and one
 * whose output is closed would be ended by SIGPIPE.
 */
export async function keepProgress(
  printed: Readable,
  path: string,
  mode: number,
  mostBytes: number,
): Promise<void> {
  let file: FileHandle | null = await open(path, "wx", mode).catch(() => null);
  let room = mostBytes;
  for await (const chunk of printed) {
    const kept = Buffer.from(chunk).subarray(0, room);
    room -= kept.length;
    if (file === null || kept.length === 0) continue;
    try {
      await file.writeFile(kept);
    } catch {
      await file.close().catch(() => undefined);
      file = null;
    }
  }
  await file?.close().catch(() => undefined);
}
