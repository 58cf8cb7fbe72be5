import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolderDurably, removeDurably, writeDurably } from "../../base/durable-file.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import {
  addToHistory,
  type HistoryEntry,
  type Keeping,
  readHistory,
} from "../../settings/history.ts";
import { type LoadedSettings, loadSettings } from "../../settings/load.ts";
import type { ChangeOrigin } from "../../settings/model/origin.ts";
import type { Settings } from "../../settings/model/schema.ts";
import { saveSettings, textToSave } from "../../settings/save.ts";
import { validators } from "../../settings/validators.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { System } from "../machine/system.ts";
import { type SecretChanges, Secrets } from "./secrets.ts";

/** The settings and secrets that hold after every start: the only code that writes them. */
export class SavedSettings {
  readonly secrets: Secrets;
  readonly #places: AppliancePaths["settings"];

  constructor(paths: AppliancePaths, system: Pick<System, "seal" | "unseal">) {
    this.#places = paths.settings;
    this.secrets = new Secrets(paths.secrets, system);
  }

  /** Finishes what a power cut left half done, and reads the settings. */
  async load(): Promise<LoadedSettings> {
    const loaded = await loadSettings(this.#places);
    if (loaded.text !== null) {
      const digest = digestOf(loaded.text);
      // A disk that is full or worn must not keep the settings from being used.
      await this.secrets.settle(digest).catch(() => undefined);
      // The file can be newer than the history: changed by hand, or cut off just before the history
      // was written.
      await addToHistory(this.#places.history, loaded.text, await this.#announced(digest)).catch(
        () => undefined,
      );
    }
    return loaded;
  }

  /** Settings that were kept, newest first. */
  async history(): Promise<HistoryEntry[]> {
    return await readHistory(this.#places.history);
  }

  /**
   * Makes settings and secrets the kept ones, all or nothing, however often it is cut off and done
   * again.
   */
  async save(
    settings: Settings,
    secrets: SecretChanges,
    by: ChangeOrigin,
    atMs: number = Date.now(),
  ): Promise<void> {
    try {
      const text = await textToSave(this.#places, settings);
      const digest = digestOf(text);
      await makeFolderDurably(dirname(this.#places.file), 0o750);
      await this.secrets.stage(secrets, digest);
      await writeDurably(this.#places.announcement, JSON.stringify({ digest, at: atMs, ...by }), {
        mode: 0o640,
      });
      await saveSettings(this.#places, text, { atMs, by });
      // From here on it is kept; what could not be settled now is when it is loaded.
      await this.secrets.settle(digest).catch(() => undefined);
      await removeDurably(this.#places.announcement).catch(() => undefined);
    } catch (error) {
      const full = error instanceof Error && "code" in error && error.code === "ENOSPC";
      if (full)
        throw new OutriderError("storage-full", {
          detail: fact("settings-not-saved"),
          cause: error,
        });
      throw error;
    }
  }

  async #announced(digest: string): Promise<Keeping | null> {
    const text = await readFile(this.#places.announcement, "utf8").catch(() => "null");
    const announcement = validators.Announcement(parseJson(text));
    if (!announcement.valid || announcement.value.digest !== digest) return null;
    const { at, digest: _, ...by } = announcement.value;
    return { atMs: at, by };
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
