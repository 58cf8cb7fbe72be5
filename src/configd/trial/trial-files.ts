import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readTextIfPossible, systemCodeOf } from "../../base/missing-file.ts";
import { writeRunFile } from "../../base/run-file.ts";
import type { Settings } from "../../settings/model/schema.ts";
import { parseSettings } from "../../settings/parse.ts";
import { renderSettings } from "../../settings/render.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { TrialEnd } from "../api/status.ts";
import type { TrialState } from "../state/schema.ts";
import { validators } from "../state/validators.ts";

export interface StoredTrial {
  state: TrialState;
  settings: Settings;
  /** Null when the trial removes the password, undefined when it leaves the saved one. */
  proxyPassword: string | null | undefined;
  /**
   * Saved only when the trial is kept: the code can be used once, and only at the platform of the
   * trial's settings.
   */
  activationCode: string | undefined;
}

export type Decision = "keep" | "revert";

/**
 * The trial as files below /run. A restarted configd and the reverter read them; a power cut removes
 * them.
 */
export class TrialFiles {
  readonly #paths: AppliancePaths["trial"];

  constructor(paths: AppliancePaths) {
    this.#paths = paths.trial;
  }

  /** Writes the state last: a trial without it was cut off before it changed anything. */
  async write({ state, settings, proxyPassword, activationCode }: StoredTrial): Promise<void> {
    await rm(this.#paths.decision, { force: true });
    await rm(this.#paths.secrets, { recursive: true, force: true });
    await mkdir(this.#paths.secrets, { recursive: true, mode: 0o700 });
    if (typeof proxyPassword === "string")
      await writeRunFile(join(this.#paths.secrets, "proxy-password"), proxyPassword, 0o600);
    if (activationCode !== undefined)
      await writeRunFile(join(this.#paths.secrets, "activation-code"), activationCode, 0o600);
    await writeRunFile(this.#paths.settings, renderSettings(settings, null), 0o600);
    await this.writeState(state);
  }

  async writeState(state: TrialState): Promise<void> {
    await writeRunFile(this.#paths.state, JSON.stringify(state), 0o600);
  }

  async readState(): Promise<TrialState | null> {
    const state = validators.TrialState(await readJson(this.#paths.state));
    return state.valid ? state.value : null;
  }

  /** The whole trial; null when a file of it is missing or damaged. */
  async read(): Promise<StoredTrial | null> {
    const state = await this.readState();
    const parsed = parseSettings((await readTextIfPossible(this.#paths.settings)) ?? "");
    if (!state || !parsed.ok) return null;
    const password = await readTextIfPossible(join(this.#paths.secrets, "proxy-password"));
    if (state.proxyPassword === "replaced" && password === null) return null;
    const proxyPassword = { same: undefined, removed: null, replaced: password }[
      state.proxyPassword
    ];
    const code = await readTextIfPossible(join(this.#paths.secrets, "activation-code"));
    const activationCode = code ?? undefined;
    return { state, settings: parsed.settings, proxyPassword, activationCode };
  }

  /**
   * Decides once whether the trial is kept or reverted. Returns the decision that was made first: the
   * operator's key and the reverter's timer may come at the same moment.
   */
  async decide(decision: Decision): Promise<Decision> {
    try {
      await writeFile(this.#paths.decision, decision, { flag: "wx", mode: 0o600 });
      return decision;
    } catch (error) {
      if (systemCodeOf(error) !== "EEXIST") throw error;
      return (await this.decision()) ?? decision;
    }
  }

  /** Withdraws a decision to keep after the settings could not be saved. */
  async undecide(): Promise<void> {
    await rm(this.#paths.decision, { force: true });
  }

  async decision(): Promise<Decision | null> {
    const text = await readTextIfPossible(this.#paths.decision);
    if (text === null) return null;
    // An empty file is a decision whose writing was cut off. To revert is always safe.
    return text === "keep" ? "keep" : "revert";
  }

  /**
   * Removes the state first: without it there is no trial, and the next trial removes the other
   * files.
   */
  async remove(): Promise<void> {
    await rm(this.#paths.state, { force: true });
    await rm(this.#paths.secrets, { recursive: true, force: true });
    await rm(this.#paths.settings, { force: true });
    await rm(this.#paths.decision, { force: true });
  }

  async writeEnd(end: TrialEnd): Promise<void> {
    await writeRunFile(this.#paths.last, JSON.stringify(end), 0o600);
  }

  async readEnd(): Promise<TrialEnd | null> {
    const end = validators.TrialEnd(await readJson(this.#paths.last));
    return end.valid ? end.value : null;
  }
}

async function readJson(path: string): Promise<unknown> {
  const text = await readTextIfPossible(path);
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    // A damaged file counts as none.
    return null;
  }
}
