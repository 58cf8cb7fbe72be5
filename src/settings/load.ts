import { open } from "node:fs/promises";
import { readHistory } from "./history.ts";
import { defaultSettings, type Settings } from "./model/schema.ts";
import { largestSettingsBytes, parseSettings } from "./parse.ts";

export interface SettingsPlaces {
  file: string;
  history: string;
}

export interface LoadedSettings {
  settings: Settings;
  source: "file" | "last-good" | "defaults";
  /** The reason why a file that exists is not used. */
  failure: string | null;
  /** The file's text, where it is used. */
  text: string | null;
}

/**
 * Loads the saved settings. A file that cannot be read never stops the appliance: the last good copy
 * is used instead, and without one the defaults, with DHCP. Before the first set-up there is no
 * file, which is no failure.
 */
export async function loadSettings(places: SettingsPlaces): Promise<LoadedSettings> {
  const read = await readLimited(places.file);
  if ("text" in read) {
    const parsed = parseSettings(read.text);
    if (parsed.ok)
      return { settings: parsed.settings, source: "file", failure: null, text: read.text };
    return fallBack(places, parsed.reason);
  }
  if (read.missing) {
    const lastGood = await fallBack(places, "the file is missing");
    return lastGood.source === "defaults" ? { ...lastGood, failure: null } : lastGood;
  }
  return fallBack(places, read.reason);
}

async function fallBack(places: SettingsPlaces, failure: string): Promise<LoadedSettings> {
  const [newest] = await readHistory(places.history).catch(() => []);
  return newest
    ? { settings: newest.settings, source: "last-good", failure, text: null }
    : { settings: structuredClone(defaultSettings), source: "defaults", failure, text: null };
}

type Read = { text: string } | { missing: boolean; reason: string };

/** Reads at most one byte more than is allowed, however long the file is. */
async function readLimited(path: string): Promise<Read> {
  try {
    const file = await open(path, "r");
    try {
      const buffer = Buffer.alloc(largestSettingsBytes + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) break;
      }
      return { text: new TextDecoder().decode(buffer.subarray(0, length)) };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { missing: code === "ENOENT", reason: `reading it failed with ${code}` };
  }
}
