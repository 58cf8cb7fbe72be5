import { readFile } from "node:fs/promises";

/** Whether something failed because there is no such file (errno(3), ENOENT). */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/**
 * Null when there is no such file; every other fault is thrown, for a disk that cannot be read now
 * is not an empty one.
 */
export async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
