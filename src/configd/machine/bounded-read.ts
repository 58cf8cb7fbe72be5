import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { ignoring } from "../../base/missing-file.ts";
import {
  largestDocumentCharacters,
  unreadDocument,
  type ZeroTouchDocument,
  type ZeroTouchFormat,
} from "../../settings/zero-touch/document.ts";

/** The file was refused for this reason. */
class Refused extends Error {
  readonly reason: Fact;

  constructor(reason: Fact) {
    super(reason.code);
    this.reason = reason;
  }
}

/**
 * A file's text, or null when there is no such file. Limits the length. Never follows a link, because
 * an untrusted volume could point outside of itself, and reads only regular files, no pipe and no
 * device.
 */
export async function readLimited(path: string): Promise<string | null> {
  const file = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch(ignoring("there is no such file", "ENOENT", "ENOTDIR"));
  if (file === undefined) return null;
  try {
    if (!(await file.stat()).isFile()) throw new Refused(fact("given-no-file"));
    const buffer = Buffer.alloc(largestDocumentCharacters + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    if (length > largestDocumentCharacters)
      throw new Refused(fact("given-long-file", { most: largestDocumentCharacters }));
    return new TextDecoder().decode(buffer.subarray(0, length));
  } finally {
    await file.close();
  }
}

/** A file as a document; empty without the file. An unreadable file has the reason in it. */
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
    return [unreadDocument({ format, source, place }, readFailure(error))];
  }
}

/** The reason for which readLimited failed. */
export function readFailure(error: unknown): Fact {
  if (error instanceof Refused) return error.reason;
  return fact("given-not-read", {
    said: (error instanceof Error ? error.message : String(error)).slice(0, 200),
  });
}
