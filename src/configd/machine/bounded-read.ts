import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { type Fact, fact } from "../../base/messages/facts.ts";
import {
  largestDocumentCharacters,
  unreadDocument,
  type ZeroTouchDocument,
  type ZeroTouchFormat,
} from "../../settings/zero-touch/document.ts";

class NotTaken extends Error {
  readonly wrong: Fact;

  constructor(wrong: Fact) {
    super(wrong.code);
    this.wrong = wrong;
  }
}

/**
 * A file's text, or null when it is not there. No more is read than may be used, and never through
 * a link: a volume of somebody else could point out of itself. What is not a file (a pipe, a
 * device) is not read.
 */
export async function readLimited(path: string): Promise<string | null> {
  const file = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch((error: unknown) => {
    if (
      error instanceof Error &&
      "code" in error &&
      (error.code === "ENOENT" || error.code === "ENOTDIR")
    )
      return null;
    throw error;
  });
  if (file === null) return null;
  try {
    if (!(await file.stat()).isFile()) throw new NotTaken(fact("given-no-file"));
    const buffer = Buffer.alloc(largestDocumentCharacters + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    if (length > largestDocumentCharacters)
      throw new NotTaken(fact("given-long-file", { most: largestDocumentCharacters }));
    return new TextDecoder().decode(buffer.subarray(0, length));
  } finally {
    await file.close();
  }
}

/** A file as a document, or none when it is not there; why it could not be read, if so. */
export async function documentOf(
  path: string,
  format: ZeroTouchFormat,
  source: string,
  place: string,
): Promise<ZeroTouchDocument[]> {
  try {
    const text = await readLimited(path);
    return text === null || text.trim() === "" ? [] : [{ format, source, place, text }];
  } catch (error) {
    return [unreadDocument({ format, source, place }, notRead(error))];
  }
}

/** Why readLimited failed. */
export function notRead(error: unknown): Fact {
  if (error instanceof NotTaken) return error.wrong;
  return fact("given-not-read", {
    said: (error instanceof Error ? error.message : String(error)).slice(0, 200),
  });
}
