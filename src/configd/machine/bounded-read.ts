import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { decodeForeignText } from "../../base/foreign-text.ts";
import { describeFacts, type Fact, fact } from "../../base/messages/facts.ts";
import { ignoring } from "../../base/missing-file.ts";
import { unpackGzip } from "../../base/packed-text.ts";
import { pemOfDer } from "../../base/pem.ts";
import {
  largestDocumentCharacters,
  unreadDocument,
  type ZeroTouchDocument,
  type ZeroTouchFormat,
} from "../../settings/zero-touch/document.ts";

/** The file was refused for this reason, and what would be right. */
class Refused extends Error {
  readonly wrong: Fact;
  readonly right: Fact | undefined;

  constructor(wrong: Fact, right?: Fact) {
    super(describeFacts([wrong]) ?? wrong.code);
    this.wrong = wrong;
    this.right = right;
  }
}

/** A file's text, or null when it is not there; read as `readLimitedBytes` reads. */
export async function readLimited(path: string): Promise<string | null> {
  const bytes = await readLimitedBytes(path);
  return bytes === null ? null : textOf(bytes);
}

/** As `readLimited`; of a certificate in DER, which is no text, its PEM. */
export async function certificateText(path: string): Promise<string | null> {
  const bytes = await readLimitedBytes(path);
  return bytes === null ? null : (pemOfDer(bytes) ?? textOf(bytes));
}

function textOf(bytes: Uint8Array): string {
  // What is packed is no text, and would not pass as one from here to its reader.
  const unpacked = unpackGzip(bytes, largestDocumentCharacters);
  if (!unpacked.ok) throw new Refused(unpacked.wrong, fact("given-gzip-form"));
  const decoded = decodeForeignText(unpacked.bytes);
  if (!decoded.ok) throw new Refused(decoded.wrong, decoded.right);
  return decoded.text;
}

/**
 * A file's content, or null when there is no such file. Limits the length. Never follows a link,
 * because an untrusted volume could point outside of itself, and reads only regular files, no pipe
 * and no device.
 */
async function readLimitedBytes(path: string): Promise<Uint8Array | null> {
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
    return buffer.subarray(0, length);
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
    return [unreadDocument({ format, source, place }, ...readFailure(error))];
  }
}

/** Why readLimited failed, and what would be right. */
export function readFailure(error: unknown): [wrong: Fact, right?: Fact] {
  if (error instanceof Refused)
    return error.right === undefined ? [error.wrong] : [error.wrong, error.right];
  return [
    fact("given-not-read", {
      said: (error instanceof Error ? error.message : String(error)).slice(0, 200),
    }),
  ];
}
