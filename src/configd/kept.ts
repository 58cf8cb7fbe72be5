import { createHash } from "node:crypto";
import { OutriderError } from "../protocol/error.ts";
import { addToHistory } from "../settings/history.ts";
import { type LoadedSettings, loadSettings } from "../settings/load.ts";
import { saveSettings, textToSave } from "../settings/save.ts";
import type { Settings } from "../settings/schema.ts";
import type { AppliancePaths } from "./paths.ts";
import { type SecretChanges, Secrets } from "./secrets.ts";
import type { System } from "./system.ts";

/** The settings and secrets that hold after every start: the only code that writes them. */
export class Kept {
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
      // A disk that is full or worn must not keep the settings from being used.
      await this.secrets.settle(digestOf(loaded.text)).catch(() => undefined);
      // The file can be newer than the history: changed by hand, or cut off just before the history was written.
      await addToHistory(this.#places.history, loaded.text).catch(() => undefined);
    }
    return loaded;
  }

  /** Makes settings and secrets the kept ones, all or nothing, however often it is cut off and done again. */
  async save(settings: Settings, secrets: SecretChanges): Promise<void> {
    try {
      const text = await textToSave(this.#places, settings);
      const digest = digestOf(text);
      await this.secrets.stage(secrets, digest);
      await saveSettings(this.#places, text);
      // From here on it is kept; what could not be settled now is when it is loaded.
      await this.secrets.settle(digest).catch(() => undefined);
    } catch (error) {
      const full = error instanceof Error && "code" in error && error.code === "ENOSPC";
      if (full) throw new OutriderError("storage-full", { detail: "the settings were not saved", cause: error });
      throw error;
    }
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
