import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  /** null when it has none, undefined when the kept one holds. */
  proxyPassword: string | null | undefined;
  /**
   * Nobody's before the trial is kept: it is good for one use, and meant for the platform that the
   * trial brings.
   */
  activationCode: string | undefined;
}

export type Decision = "keep" | "revert";

/**
 * The trial as files below /run: gone after a power cut, there for a configd that starts anew and
 * for the reverter.
 */
export class TrialFiles {
  readonly #paths: AppliancePaths["trial"];

  constructor(paths: AppliancePaths) {
    this.#paths = paths.trial;
  }

  /** The state is written last: a trial without it was cut off before anything was changed. */
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

  async read(): Promise<StoredTrial | null> {
    const state = await this.readState();
    const parsed = parseSettings(await readFile(this.#paths.settings, "utf8").catch(() => ""));
    if (!state || !parsed.ok) return null;
    const password = await readFile(join(this.#paths.secrets, "proxy-password"), "utf8").catch(
      () => null,
    );
    if (state.proxyPassword === "replaced" && password === null) return null;
    const proxyPassword = { same: undefined, removed: null, replaced: password }[
      state.proxyPassword
    ];
    const activationCode = await readFile(
      join(this.#paths.secrets, "activation-code"),
      "utf8",
    ).catch(() => undefined);
    return { state, settings: parsed.settings, proxyPassword, activationCode };
  }

  /**
   * Settles what becomes of the trial, once: who comes second learns what the first one decided.
   * The operator's key and the reverter's timer may come in the same moment.
   */
  async decide(decision: Decision): Promise<Decision> {
    try {
      await writeFile(this.#paths.decision, decision, { flag: "wx", mode: 0o600 });
      return decision;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      return (await this.decision()) ?? decision;
    }
  }

  /** Only for who decided to keep and could not. */
  async undecide(): Promise<void> {
    await rm(this.#paths.decision, { force: true });
  }

  async decision(): Promise<Decision | null> {
    const text = await readFile(this.#paths.decision, "utf8").catch(() => null);
    // A decision of which the word was not written any more is one to go back: that is always safe.
    return text === null ? null : text === "keep" ? "keep" : "revert";
  }

  /**
   * The state goes first: without it there is no trial, and whatever else lies here is swept away
   * with the next one.
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
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return null;
  }
}
