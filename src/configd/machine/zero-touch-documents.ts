import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ignoring } from "../../base/missing-file.ts";
import type { ZeroTouchDocument } from "../../settings/zero-touch/document.ts";
import { validators } from "../state/validators.ts";

/** The collector writes this file last: without it, the folder is incomplete. */
export const completeMark = "complete";

/** The collector writes at most this many JSON files. */
const mostDocuments = 20;
const largestBytes = 512 * 1024;

/**
 * Reads the collector's documents in their order; skips other files. Throws when the collector did
 * not finish, so that the next boot reads the sources again instead of taking them for empty.
 */
export async function readCollected(folder: string): Promise<ZeroTouchDocument[]> {
  const present = await readdir(folder).catch(ignoring("the collector did not run", "ENOENT"));
  if (!present?.includes(completeMark))
    throw new Error("what hypervisor and volumes offer was not wholly read");
  const names = present.filter((name) => /^\d{2}\.json$/.test(name)).sort();
  const documents: ZeroTouchDocument[] = [];
  for (const name of names.slice(0, mostDocuments)) {
    const document = validators.ZeroTouchDocument(await readJson(join(folder, name)));
    if (document.valid) documents.push(document.value);
  }
  return documents;
}

async function readJson(path: string): Promise<unknown> {
  const file = await open(path, "r");
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(largestBytes), 0, largestBytes);
    return JSON.parse(buffer.toString("utf8", 0, bytesRead));
  } catch {
    // A damaged document counts as none.
    return null;
  } finally {
    await file.close();
  }
}
