import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ZeroTouchDocument } from "../../settings/zero-touch/document.ts";
import { validators } from "../state/validators.ts";

/** The collector writes this file last: without it, the folder is incomplete. */
export const completeMark = "complete";

/** What the collector left for us: a file of JSON each, as many as it may make. */
const mostDocuments = 20;
const largestBytes = 512 * 1024;

/**
 * Reads what the collector found, in its order. A file that is none of its own is passed over. It
 * fails where the collector did not come to its end, so that what is given from outside is asked
 * for again at the next start, and not taken for nothing.
 */
export async function readCollected(folder: string): Promise<ZeroTouchDocument[]> {
  const present = await readdir(folder).catch((): string[] => []);
  if (!present.includes(completeMark))
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
    return null;
  } finally {
    await file.close();
  }
}
