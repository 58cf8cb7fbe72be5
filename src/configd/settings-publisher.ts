import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { readTextIfPossible } from "../base/missing-file.ts";
import type { LoadedSettings } from "../settings/load.ts";
import type { AppliancePaths } from "./api/paths.ts";
import type { Failure, Status } from "./api/status.ts";
import type { SavedSettings } from "./kept/saved-settings.ts";
import type { System } from "./machine/system.ts";
import type { LiveStatus } from "./status/live-status.ts";
import type { StatusStore, StoredStatus } from "./status/status-store.ts";
import type { StoredTrial } from "./trial/trial-files.ts";
import type { ZeroTouch } from "./zero-touch/zero-touch.ts";

export interface PublisherParts {
  system: System;
  paths: AppliancePaths;
  kept: SavedSettings;
  store: StatusStore;
  live: LiveStatus;
  zeroTouch: ZeroTouch;
  clock: Clock;
  log: Log;
  /** The running trial, whose settings are the active ones. */
  activeTrial: () => StoredTrial | null;
}

/** Brings the active settings into the status document after every change. */
export class SettingsPublisher {
  readonly #parts: PublisherParts;
  #keyboard: string | null = null;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  /** Reads the saved settings again and publishes them together with `also`, in one revision. */
  async publish(also: Partial<StoredStatus> = {}): Promise<void> {
    const { kept, store, live, zeroTouch, activeTrial } = this.#parts;
    const loaded = await kept.load();
    const trial = activeTrial();
    const settings = trial?.settings ?? loaded.settings;
    await this.#loadKeyboard(settings.console.keyboard);
    // An operator who kept settings has seen the problems of the zero-touch report.
    const { lastTrial } = also;
    const isSeen = lastTrial?.end === "kept" && lastTrial.by.how !== "zero-touch";
    store.update({
      settings,
      hostname: settings.hostname,
      settingsSource: loaded.source,
      settingsFailure: await this.#failureOf(loaded),
      secrets: await this.#secrets(trial),
      ...(isSeen ? { zeroTouch: await zeroTouch.forgetProblems() } : {}),
      ...also,
    });
    await live.refresh();
  }

  async #loadKeyboard(layout: string): Promise<void> {
    if (layout === this.#keyboard) return;
    this.#keyboard = layout;
    const { system, log } = this.#parts;
    await system.tools
      .setKeyboard(layout)
      .catch((error: unknown) => log.warning("keyboard not set", { layout, error: String(error) }));
  }

  async #failureOf({ failure }: LoadedSettings): Promise<Failure | null> {
    const { paths, store, clock } = this.#parts;
    const detail = failure ?? ((await readTextIfPossible(paths.bootFailure)) || null);
    if (detail === null) return null;
    return {
      code: failure === null ? "system-failed" : "settings-unreadable",
      detail: detail.slice(0, 2000),
      at: store.stored.settingsFailure?.at ?? clock.nowMs(),
    };
  }

  async #secrets(trial: StoredTrial | null): Promise<Status["secrets"]> {
    const { secrets } = this.#parts.kept;
    const trialPassword = trial?.proxyPassword;
    return {
      proxyPassword:
        trialPassword === undefined ? await secrets.has("proxy-password") : trialPassword !== null,
      activationCode: await secrets.has("activation-code"),
      consolePin: await secrets.has("console-pin"),
    };
  }
}
