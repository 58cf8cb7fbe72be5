import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { writeDurably } from "../../base/durable-file.ts";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { readTextIfPossible } from "../../base/missing-file.ts";
import { writeRunFile } from "../../base/run-file.ts";
import { assignRoles, renderNetplan, rolesOf } from "../../network/netplan.ts";
import type { Routing } from "../../network/split-routing.ts";
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
  /** Called with the name of each step before it; tests cut the transaction off here. */
  beforeStep?: ((step: string) => Promise<void> | void) | undefined;
}

/** The reverter fires this long after the deadline. configd reverts first, as long as it runs. */
const reverterGraceMs = 3000;

/**
 * The steps of a settings change. They need no daemon: configd, the reverter and a restarted configd
 * all use them. Each operation may be cut off at any step and repeated from its beginning.
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

  /** Arms a new reverter for the remaining time; it replaces the old one. */
  async extend(id: string, remainingMs: number): Promise<void> {
    await this.#parts.system.armReverter(id, remainingMs + reverterGraceMs);
  }

  /**
   * Saves the trial's settings. Throws OutriderError "trial-unknown" when the trial was reverted
   * meanwhile.
   */
  async keep(trial: StoredTrial): Promise<void> {
    const { files, kept, paths, system } = this.#parts;
    await this.#step("decide-keep");
    // The reverter may have finished already.
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
    // networkd already runs on files generated from this text, so nothing is generated or reloaded.
    const devices = assignRoles(trial.settings, await system.interfaces());
    await mkdir(dirname(paths.keptNetplan), { recursive: true });
    await writeDurably(paths.keptNetplan, renderNetplan(trial.settings, devices), { mode: 0o600 });
    const used = rolesOf(trial.settings.network);
    await new KnownCards(paths).accept(await system.interfaces(), devices, used);
    await this.#step("write-agent-files");
    await writeAgentFiles(
      paths,
      this.#parts.owners,
      { settings: trial.settings, devices },
      (name) => kept.secrets.credential(name),
      system.simulated,
    );
    if (trial.activationCode !== undefined) await this.#restartAgent();
    await this.#finish(trial.state.id);
  }

  /**
   * Makes the saved settings active again. Throws OutriderError "trial-unknown" when the operator
   * decided to keep the trial.
   */
  async revert(id: string): Promise<void> {
    const { files, kept, paths, system } = this.#parts;
    await this.#step("decide-revert");
    if ((await files.decide("revert")) === "keep") throw new OutriderError("trial-unknown");
    await this.#step("remove-netplan");
    await rm(paths.trialNetplan, { force: true });
    await this.#step("render-kept");
    const { settings } = await kept.load();
    const rendered = await renderNetwork(system, settings);
    await this.#activate(rendered, (name) => kept.secrets.credential(name));
    await this.#finish(id);
  }

  /**
   * Drops a trial that could not be reverted. The caller has to make other settings active.
   */
  async abandon(id: string): Promise<void> {
    await this.#finish(id);
  }

  /**
   * Saves and applies settings without a trial, for network recovery. Falls back to files written
   * without netplan if netplan fails.
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
    await this.#activate(rendered, (name) => kept.secrets.credential(name));
  }

  /** Renders the active settings for the agent again, as after an enrolment. */
  async refreshAgent(trial: StoredTrial | null, running: "restart" | "leave"): Promise<void> {
    const { kept, system, paths, owners } = this.#parts;
    const settings = trial?.settings ?? (await kept.load()).settings;
    const devices = assignRoles(settings, await system.interfaces());
    const read: SecretReader = trial
      ? this.#trialSecrets(trial)
      : (name) => kept.secrets.credential(name);
    await writeAgentFiles(paths, owners, { settings, devices }, read, system.simulated);
    if (running === "restart") await system.restartUnit(agentUnit);
  }

  /**
   * Renders the network again after cards came or went. Restarts the agent only when its
   * configuration changes.
   */
  async refreshDevices(trial: StoredTrial | null): Promise<void> {
    const { kept, system, paths, owners } = this.#parts;
    const rendered = await renderNetwork(system, trial?.settings ?? (await kept.load()).settings);
    if (trial) await writeRunFile(paths.trialNetplan, rendered.netplan, 0o600);
    else await writeDurably(paths.keptNetplan, rendered.netplan, { mode: 0o600 });
    await this.#route(rendered);
    const before = await readTextIfPossible(paths.agentConfiguration);
    await writeAgentFiles(
      paths,
      owners,
      rendered,
      trial ? this.#trialSecrets(trial) : (name) => kept.secrets.credential(name),
      system.simulated,
    );
    if (before !== (await readTextIfPossible(paths.agentConfiguration)))
      await system.restartUnit(agentUnit);
  }

  /**
   * Sets the guards before the network for split mode, and after it for single mode: in between,
   * packets are stopped instead of leaving by the wrong device.
   */
  async #route({ routing, files }: Rendered): Promise<void> {
    if (routing.split) await this.#setRouting(routing);
    await this.#step("install");
    await this.#parts.system.install(files);
    if (!routing.split) await this.#setRouting(routing);
  }

  async #setRouting(routing: Routing): Promise<void> {
    await this.#step("routing");
    await this.#parts.system.setRouting(routing);
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
    // The agent's open connections belong to addresses that may be gone.
    await this.#restartAgent();
  }

  /** Restarts the agent; only logs a failure, for which the settings are not to blame. */
  async #restartAgent(): Promise<void> {
    const { system, log } = this.#parts;
    await system
      .restartUnit(agentUnit)
      .catch((error: unknown) => log.warning("agent not restarted", { error: String(error) }));
  }

  /** Drops the trial, then the reverter. A reverter that fires in between finds no trial. */
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
    // The new guards stopped packets that were under way during the change: that is no finding.
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
        : this.#parts.kept.secrets.credential(name);
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
