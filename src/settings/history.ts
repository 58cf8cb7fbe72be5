import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolderDurably, removeDurably, writeDurably } from "../base/durable-file.ts";
import type { ChangeOrigin } from "./model/origin.ts";
import type { Settings } from "./model/schema.ts";
import { parseSettings } from "./parse.ts";
import { validators } from "./validators.ts";

/** The present settings and the ten before them. */
const entriesKept = 11;
const entryName = /^\d{6,12}\.yaml$/;
/**
 * The first line of an entry names who kept it; the rest is the text of the settings, byte for byte.
 */
const heading = "# outrider-kept: ";
/**
 * The origin of an entry without such a line: the file was edited by hand, or an older version wrote
 * it.
 */
const byHand: ChangeOrigin = { how: "by-hand", who: "", why: "" };

export interface HistoryEntry {
  /** Grows by one with each entry. */
  number: number;
  keptAt: number;
  by: ChangeOrigin;
  settings: Settings;
}

/** Saved settings, newest first. Entries that cannot be read are skipped. */
export async function readHistory(folder: string): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for (const name of await entryNames(folder)) {
    const path = join(folder, name);
    const [content, facts] = await Promise.all([
      readFile(path, "utf8").catch(() => ""),
      stat(path).catch(() => null),
    ]);
    const { text, keptAt, by } = readEntry(content);
    const parsed = parseSettings(text);
    if (parsed.ok)
      entries.push({
        number: Number.parseInt(name, 10),
        keptAt: keptAt ?? Math.floor(facts?.mtimeMs ?? 0),
        by,
        settings: parsed.settings,
      });
  }
  return entries;
}

export interface Keeping {
  atMs: number;
  by: ChangeOrigin;
}

/** Adds the text of settings unless it equals the newest entry, and removes the oldest entries. */
export async function addToHistory(
  folder: string,
  text: string,
  keeping: Keeping | null = null,
): Promise<void> {
  await makeFolderDurably(folder, 0o750);
  const names = await entryNames(folder);
  const [newest] = names;
  if (
    newest !== undefined &&
    readEntry(await readFile(join(folder, newest), "utf8").catch(() => "")).text === text
  )
    return;
  const next = newest === undefined ? 1 : Number.parseInt(newest, 10) + 1;
  const line = `${heading}${JSON.stringify({ at: keeping?.atMs ?? Date.now(), ...(keeping?.by ?? byHand) })}\n`;
  await writeDurably(join(folder, `${String(next).padStart(6, "0")}.yaml`), line + text, {
    mode: 0o640,
  });
  for (const name of names.slice(entriesKept - 1)) await removeDurably(join(folder, name));
}

function readEntry(content: string): { text: string; keptAt: number | null; by: ChangeOrigin } {
  if (!content.startsWith(heading)) return { text: content, keptAt: null, by: byHand };
  const end = content.indexOf("\n") + 1;
  const keeping = validators.KeptHeading(parseJson(content.slice(heading.length, end)));
  const text = content.slice(end);
  if (!keeping.valid) return { text, keptAt: null, by: byHand };
  const { at, ...by } = keeping.value;
  return { text, keptAt: at, by };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function entryNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => entryName.test(name))
    .sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
}
