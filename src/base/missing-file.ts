import { readFile } from "node:fs/promises";

/** Whether something failed because there is no such file (errno(3), ENOENT). */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Whether the file system refused something (errno(3)). False for an error of the program. */
export function isFileFault(error: unknown): boolean {
  return error instanceof Error && "errno" in error && "syscall" in error;
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

/** The text of a file, or null when it is missing or the file system refuses to read it. */
export async function readTextIfPossible(path: string): Promise<string | null> {
  return await unlessFileFault(readFile(path, "utf8"), null);
}

/**
 * The result of work with files, or `instead` when the file system refuses it. For work that the
 * caller can do without. An error of the program is thrown.
 */
export async function unlessFileFault<T, Instead>(
  work: Promise<T>,
  instead: Instead,
): Promise<T | Instead> {
  try {
    return await work;
  } catch (error) {
    if (isFileFault(error)) return instead;
    throw error;
  }
}
