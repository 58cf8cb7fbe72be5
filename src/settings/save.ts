import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolderDurably, writeDurably } from "../base/durable-file.ts";
import { addToHistory, type Keeping } from "./history.ts";
import type { SettingsPlaces } from "./load.ts";
import type { Settings } from "./model/schema.ts";
import { renderSettings } from "./render.ts";

/** The text that the file gets; comments of the present one are kept. */
export async function textToSave(places: SettingsPlaces, settings: Settings): Promise<string> {
  const present = await readFile(places.file, "utf8").catch(() => null);
  return renderSettings(settings, present);
}

/**
 * Saves `text` in one step that a power cut cannot halve, then adds it to the history. A failure
 * after that step is no failure of the save: loading the settings completes the history.
 */
export async function saveSettings(
  places: SettingsPlaces,
  text: string,
  keeping: Keeping | null = null,
): Promise<void> {
  await makeFolderDurably(dirname(places.file), 0o750);
  await writeDurably(places.file, text, { mode: 0o640 });
  await addToHistory(places.history, text, keeping).catch(() => undefined);
}
