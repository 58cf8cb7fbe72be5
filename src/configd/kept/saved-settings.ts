import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { makeFolderDurably, removeDurably, writeDurably } from "../../base/durable-file.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { ignoring, readTextIfPossible } from "../../base/missing-file.ts";
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

/** The saved settings and secrets, which every boot uses. The only code that writes them. */
export class SavedSettings {
  readonly secrets: Secrets;
  readonly #places: AppliancePaths["settings"];

  constructor(paths: AppliancePaths, system: Pick<System, "seal" | "unseal">) {
    this.#places = paths.settings;
    this.secrets = new Secrets(paths.secrets, system);
  }

  /** Reads the settings, and finishes a save that a power cut interrupted. */
  async load(): Promise<LoadedSettings> {
    const loaded = await loadSettings(this.#places);
    if (loaded.text !== null) {
      const digest = digestOf(loaded.text);
      const onLoad = ignoring("a full or worn disk must not keep the settings from being used");
      await this.secrets.applyStaged(digest).catch(onLoad);
      // The file can be newer than the history, when it was edited by hand or a power cut came just
      // before the history was written.
      const keeping = await this.#announced(digest);
      await addToHistory(this.#places.history, loaded.text, keeping).catch(onLoad);
    }
    return loaded;
  }

  /** The history of saved settings, newest first. */
  async history(): Promise<HistoryEntry[]> {
    return await readHistory(this.#places.history);
  }

  /**
   * Saves settings and secrets together, all or nothing, even if it is cut off and repeated. Throws
   * OutriderError "storage-full" when the disk is full.
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
      // From here on the settings are saved.
      const onceSaved = ignoring("the next load finishes it");
      await this.secrets.applyStaged(digest).catch(onceSaved);
      await removeDurably(this.#places.announcement).catch(onceSaved);
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

  /** The origin that `save` announced for settings of this digest. */
  async #announced(digest: string): Promise<Keeping | null> {
    const text = await readTextIfPossible(this.#places.announcement);
    const announcement = validators.Announcement(parseJson(text ?? "null"));
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
