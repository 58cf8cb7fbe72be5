import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolderDurably, removeDurably, writeDurably } from "../base/durable-file.ts";
import { parseSettings } from "./parse.ts";
import type { Settings } from "./schema.ts";

/** The present settings and the ten before them. */
const entriesKept = 11;
const entryName = /^\d{6,12}\.yaml$/;

export interface HistoryEntry {
  /** Grows by one with each entry. */
  number: number;
  keptAt: number;
  settings: Settings;
}

/** Settings that were kept, newest first. Entries that cannot be read are passed over. */
export async function readHistory(folder: string): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for (const name of await entryNames(folder)) {
    const path = join(folder, name);
    const [text, facts] = await Promise.all([readFile(path, "utf8").catch(() => ""), stat(path).catch(() => null)]);
    const parsed = parseSettings(text);
    if (parsed.ok) entries.push({ number: Number.parseInt(name, 10), keptAt: facts?.mtimeMs ?? 0, settings: parsed.settings });
  }
  return entries;
}

/** Adds the text of settings, unless the newest entry is the same already, and removes the oldest ones. */
export async function addToHistory(folder: string, text: string): Promise<void> {
  await makeFolderDurably(folder, 0o750);
  const names = await entryNames(folder);
  const [newest] = names;
  if (newest !== undefined && (await readFile(join(folder, newest), "utf8").catch(() => null)) === text) return;
  const next = newest === undefined ? 1 : Number.parseInt(newest, 10) + 1;
  await writeDurably(join(folder, `${String(next).padStart(6, "0")}.yaml`), text, { mode: 0o640 });
  for (const name of names.slice(entriesKept - 1)) await removeDurably(join(folder, name));
}

async function entryNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => entryName.test(name)).sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
}
