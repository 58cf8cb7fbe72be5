import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../base/log.ts";
import {
  largestDocumentCharacters,
  type ZeroTouchDocument,
} from "../../settings/zero-touch/document.ts";
import { completeMark } from "../machine/zero-touch-documents.ts";
import { collectCredentials } from "./credentials.ts";
import { collectGuestInfo } from "./guest-info.ts";
import type { CollectorPlaces } from "./places.ts";
import { collectVolumes } from "./volumes.ts";

/**
 * Finds the zero-touch documents of hypervisor and volumes and writes them for configd, a file each,
 * in order of precedence. Runs in a unit of its own before everything else. The unit may mount and
 * read devices and nothing else, so the collector does not parse what it finds: configd does.
 */
export async function collectZeroTouch(
  folder: string,
  places: CollectorPlaces,
  log: Log,
): Promise<ZeroTouchDocument[]> {
  const documents: ZeroTouchDocument[] = [];
  const steps: [name: string, work: () => Promise<ZeroTouchDocument[]>][] = [
    ["credentials", () => collectCredentials(places)],
    ["guest variables", () => collectGuestInfo(places)],
    ["volumes", () => collectVolumes(places)],
  ];
  for (const [name, work] of steps) {
    try {
      documents.push(...(await work()));
    } catch (error) {
      log.warning("zero-touch source not read", { name, error: String(error) });
    }
  }
  await writeCollected(folder, documents);
  log.info("zero-touch sources", {
    found: documents.map(({ source, place }) => `${source} (${place})`),
  });
  return documents;
}

async function writeCollected(
  folder: string,
  documents: readonly ZeroTouchDocument[],
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder))
    await rm(join(folder, name), { recursive: true, force: true });
  for (const [index, document] of documents.entries()) {
    const path = join(folder, `${String(index).padStart(2, "0")}.json`);
    await writeFile(
      `${path}.tmp`,
      JSON.stringify({ ...document, text: document.text.slice(0, largestDocumentCharacters) }),
      { mode: 0o600 },
    );
    await rename(`${path}.tmp`, path);
  }
  await writeFile(join(folder, completeMark), "", { mode: 0o600 });
}
