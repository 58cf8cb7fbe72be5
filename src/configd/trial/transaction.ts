import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { writeDurably } from "../../base/durable-file.ts";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { writeRunFile } from "../../base/run-file.ts";
import { assignRoles, renderNetplan } from "../../network/netplan.ts";
import { renderTimeServers } from "../../network/time-servers.ts";
import type { ChangeOrigin } from "../../settings/model/origin.ts";
import type { Settings } from "../../settings/model/schema.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { SavedSettings } from "../kept/saved-settings.ts";
import type { SecretChanges } from "../kept/secrets.ts";
import type { Owners } from "../machine/file-owners.ts";
import { KnownCards } from "../machine/known-cards.ts";
import type { System } from "../machine/system.ts";
import { agentUnit } from "../machine/units.ts";
import {
  type Rendered,
  renderFallback,
  renderNetwork,
  type SecretReader,
  writeAgentFiles,
} from "./rendering.ts";
import type { StoredTrial, TrialFiles } from "./trial-files.ts";

export interface TransactionParts {
  system: System;
  paths: AppliancePaths;
  owners: Owners | null;
  kept: SavedSettings;
  files: TrialFiles;
  log: Log;
  /** Called before each step by its name; tests cut the transaction off here. */
  beforeStep?: ((step: string) => Promise<void> | void) | undefined;
}

/**
 * The reverter comes this much after the deadline, which configd itself keeps as long as it is
 * alive.
 */
const reverterGraceMs = 3000;

/**
 * The steps of a settings change. They need no daemon: configd, the reverter and a configd that
 * starts anew all use these, and each may be cut off at any step and done again from its beginning.
 */
export class Transaction {
  readonly #parts: TransactionParts;

  constructor(parts: TransactionParts) {
    this.#parts = parts;
  }

  /** Arms the reverter, writes the trial and makes it active. */
  async apply(trial: StoredTrial, rendered: Rendered, remainingMs: number): Promise<void> {
    const { system, paths, files } = this.#parts;
    await this.#step("arm");
    await system.armReverter(trial.state.id, remainingMs + reverterGraceMs);
    await this.#step("write-trial");
    await files.write(trial);
    await this.#step("write-netplan");
    await writeRunFile(paths.trialNetplan, rendered.netplan, 0o600);
    await this.#activate(rendered, this.#trialSecrets(trial));
  }

  async extend(id: string, remainingMs: number): Promise<void> {
    await this.#parts.system.armReverter(id, remainingMs + reverterGraceMs);
  }

  /**
   * Makes the trial the kept settings. Throws `trial-unknown` when it was decided meanwhile that it
   * goes back.
   */
  async keep(trial: StoredTrial): Promise<void> {
    const { files, kept, paths, system } = this.#parts;
    await this.#step("decide-keep");
    // The reverter may have been here and gone.
    if ((await files.readState())?.id !== trial.state.id) throw new OutriderError("trial-unknown");
    if ((await files.decide("keep")) === "revert") throw new OutriderError("trial-unknown");
    await this.#step("save");
    try {
      await kept.save(trial.settings, secretsOf(trial), trial.state.by);
    } catch (error) {
      await files.undecide();
      throw error;
    }
    await this.#step("write-kept-netplan");
    // What networkd runs by was made from this very text: nothing is generated or reloaded for it.
    const devices = assignRoles(trial.settings, await system.interfaces());
    await mkdir(dirname(paths.keptNetplan), { recursive: true });
    await writeDurably(paths.keptNetplan, renderNetplan(trial.settings, devices), { mode: 0o600 });
    await new KnownCards(paths).settle(await system.interfaces(), devices);
    await this.#step("write-agent-files");
    await writeAgentFiles(
      paths,
      this.#parts.owners,
      { settings: trial.settings, devices },
      (name) => kept.secrets.read(name),
      system.simulated,
    );
    if (trial.activationCode !== undefined) await this.#restartAgent();
    await this.#finish(trial.state.id);
  }

  /** Goes back to the kept settings. */
  async revert(id: string): Promise<void> {
    const { files, kept, paths, system } = this.#parts;
    await this.#step("decide-revert");
    if ((await files.decide("revert")) === "keep") throw new OutriderError("trial-unknown");
    await this.#step("remove-netplan");
    await rm(paths.trialNetplan, { force: true });
    await this.#step("render-kept");
    const { settings } = await kept.load();
    const rendered = await renderNetwork(system, settings);
    await this.#activate(rendered, (name) => kept.secrets.read(name));
    await this.#finish(id);
  }

  /**
   * Drops a trial that could not be taken back, without making anything else active: whoever calls
   * this does.
   */
  async abandon(id: string): Promise<void> {
    await this.#finish(id);
  }

  /**
   * Makes settings the kept and active ones without a trial, as the last resort of who cannot get
   * through any more. A network system that does not work is gone around, where there is a way.
   */
  async replace(settings: Settings, secrets: SecretChanges, by: ChangeOrigin): Promise<void> {
    const { kept, paths, system, log } = this.#parts;
    await this.#step("replace-save");
    await kept.save(settings, secrets, by);
    await this.#step("replace-netplan");
    await rm(paths.trialNetplan, { force: true });
    const rendered = await renderNetwork(system, settings).catch((error: unknown) => {
      log.error("settings not rendered", { error: String(error) });
      return renderFallback(system, settings);
    });
    if (rendered.netplan !== "") {
      await mkdir(dirname(paths.keptNetplan), { recursive: true });
      await writeDurably(paths.keptNetplan, rendered.netplan, { mode: 0o600 });
    }
    await this.#activate(rendered, (name) => kept.secrets.read(name));
  }

  /**
   * Renders the present settings for the agent again, as after an enrolment, and starts it anew if
   * wanted.
   */
  async refreshAgent(trial: StoredTrial | null, running: "restart" | "leave"): Promise<void> {
    const { kept, system, paths, owners } = this.#parts;
    const settings = trial?.settings ?? (await kept.load()).settings;
    const devices = assignRoles(settings, await system.interfaces());
    const read: SecretReader = trial
      ? this.#trialSecrets(trial)
      : (name) => kept.secrets.read(name);
    await writeAgentFiles(paths, owners, { settings, devices }, read, system.simulated);
    if (running === "restart") await system.restartUnit(agentUnit);
  }

  /**
   * Cards came or went: what is rendered by their names is rendered anew. The agent is left alone
   * where nothing changes for it.
   */
  async refreshDevices(trial: StoredTrial | null): Promise<void> {
    const { kept, system, paths, owners } = this.#parts;
    const rendered = await renderNetwork(system, trial?.settings ?? (await kept.load()).settings);
    if (trial) await writeRunFile(paths.trialNetplan, rendered.netplan, 0o600);
    else await writeDurably(paths.keptNetplan, rendered.netplan, { mode: 0o600 });
    await this.#route(rendered);
    const before = await readFile(paths.agentConfiguration, "utf8").catch(() => "");
    await writeAgentFiles(
      paths,
      owners,
      rendered,
      trial ? this.#trialSecrets(trial) : (name) => kept.secrets.read(name),
      system.simulated,
    );
    if (before !== (await readFile(paths.agentConfiguration, "utf8")))
      await system.restartUnit(agentUnit);
  }

  /** Closed first, opened last: in between packets are stopped instead of going astray. */
  async #route({ routing, files }: Rendered): Promise<void> {
    const { system } = this.#parts;
    if (routing.split) await this.#step("routing");
    if (routing.split) await system.setRouting(routing);
    await this.#step("install");
    await system.install(files);
    if (!routing.split) await this.#step("routing");
    if (!routing.split) await system.setRouting(routing);
  }

  async #activate(rendered: Rendered, secrets: SecretReader): Promise<void> {
    const { system, paths, owners } = this.#parts;
    await this.#route(rendered);
    await this.#step("hostname");
    await system.setHostname(rendered.settings.hostname);
    await this.#step("time-servers");
    await system.setTimeServers(renderTimeServers(rendered.settings.time.servers));
    await this.#step("agent-files");
    await writeAgentFiles(paths, owners, rendered, secrets, system.simulated);
    await this.#step("restart-agent");
    // Its kept connections belong to addresses that may be gone.
    await this.#restartAgent();
  }

  /** That it does not start is no fault of the settings. */
  async #restartAgent(): Promise<void> {
    const { system, log } = this.#parts;
    await system
      .restartUnit(agentUnit)
      .catch((error: unknown) => log.warning("agent not restarted", { error: String(error) }));
  }

  /** Drops the trial, then the reverter, which finds nothing to do if it comes first. */
  async #finish(id: string): Promise<void> {
    const { files, paths, system, log } = this.#parts;
    await this.#step("drop-netplan");
    await rm(paths.trialNetplan, { force: true });
    await this.#step("drop-trial");
    await files.remove();
    await this.#step("disarm");
    await system
      .disarmReverter(id)
      .catch((error: unknown) => log.warning("reverter not disarmed", { error: String(error) }));
    // What was under way while one network gave way to the other was stopped by guards of the new
    // one: no news to anybody.
    await system
      .forgetGuardCounts()
      .catch((error: unknown) =>
        log.warning("guards' counts not forgotten", { error: String(error) }),
      );
  }

  #trialSecrets(trial: StoredTrial): SecretReader {
    return async (name) =>
      name === "proxy-password" && trial.proxyPassword !== undefined
        ? trial.proxyPassword
        : this.#parts.kept.secrets.read(name);
  }

  async #step(name: string): Promise<void> {
    await this.#parts.beforeStep?.(name);
  }
}

function secretsOf({ proxyPassword, activationCode }: StoredTrial): SecretChanges {
  return {
    ...(proxyPassword === undefined ? {} : { "proxy-password": proxyPassword }),
    ...(activationCode === undefined ? {} : { "activation-code": activationCode }),
  };
}
