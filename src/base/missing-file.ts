import { readFile } from "node:fs/promises";

/** Whether an operation failed because there is no such file (errno(3), ENOENT). */
export function isMissing(error: unknown): boolean {
  return systemCodeOf(error) === "ENOENT";
}

/**
 * The name of a system error, as "ENOENT" (errno(3)); null for every other value. Node's own codes,
 * as "ERR_INVALID_ARG_TYPE", name programming errors and are not system errors.
 */
export function systemCodeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code) ? error.code : null;
}

/** Whether the system refused an operation (errno(3)). False for a programming error. */
export function isFileFault(error: unknown): boolean {
  return systemCodeOf(error) !== null;
}

/**
 * For `.catch()`: ignores system errors, so that programming errors still come to light. With codes
 * only those are ignored, as in `.catch(ignoring("the folder may not exist yet", "ENOENT"))`.
 *
 * @param _why for the reader of the call: why the failure does no harm
 */
export function ignoring(_why: string, ...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    const code = systemCodeOf(error);
    if (code === null || (codes.length > 0 && !codes.includes(code))) throw error;
    return undefined;
  };
}

/**
 * The file's content; null when there is no such file. Every other failure is thrown: a disk that
 * cannot be read is not an empty one.
 */
export async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The text of a file; null when it is missing or the system cannot read it now. */
export async function readTextIfPossible(path: string): Promise<string | null> {
  const text = await readFile(path, "utf8").catch(ignoring("the caller does without it"));
  return text ?? null;
}
