import { readFile } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { AppliancePaths } from "./api/paths.ts";
import type { Failure } from "./api/status.ts";
import { boot } from "./boot.ts";
import { SavedSettings } from "./kept/saved-settings.ts";
import type { Owners } from "./machine/file-owners.ts";
import { makeFolders } from "./machine/folders.ts";
import { KnownCards } from "./machine/known-cards.ts";
import type { System } from "./machine/system.ts";
import { agentUnit } from "./machine/units.ts";
import { LiveStatus } from "./status/live-status.ts";
import { StatusStore, type StoredStatus } from "./status/status-store.ts";
import { renderedDevices } from "./trial/rendering.ts";
import { Transaction } from "./trial/transaction.ts";
import { TrialFiles } from "./trial/trial-files.ts";
import { Trials } from "./trial/trials.ts";
import { ConsoleRequests } from "./verbs/console-requests.ts";
import { makeHandlers } from "./verbs/handlers.ts";
import { serve } from "./verbs/server.ts";
import { ZeroTouch } from "./zero-touch/zero-touch.ts";

export interface ConfigdParts {
  system: System;
  paths: AppliancePaths;
  owners: Owners | null;
  clock: Clock;
  random: Random;
  log: Log;
  version: string;
  /** Called before each step of a settings change; tests cut it off here. */
  beforeStep?: (step: string) => Promise<void> | void;
}

export interface RunningConfigd {
  /**
   * Lets go of sockets and loops. A trial goes on: its reverter is armed, and the next configd
   * takes it up.
   */
  close(): Promise<void>;
}

export async function startConfigd(parts: ConfigdParts): Promise<RunningConfigd> {
  const { system, paths, owners, clock, log } = parts;
  await makeFolders(paths, owners);
  // A described machine has no boot of its own.
  if (system.simulated !== null) await boot(parts);
  const kept = new SavedSettings(paths, system);
  const files = new TrialFiles(paths);
  const transaction = new Transaction({
    system,
    paths,
    owners,
    kept,
    files,
    log,
    ...(parts.beforeStep ? { beforeStep: parts.beforeStep } : {}),
  });
  const zeroTouch = new ZeroTouch(system, paths, () => clock.nowMs());
  const loaded = await kept.load();
  const store = new StatusStore(clock, {
    simulated: system.simulated,
    software: { version: parts.version },
    hostname: loaded.settings.hostname,
    clock: { synchronized: false },
    settings: loaded.settings,
    secrets: { proxyPassword: false, activationCode: false },
    settingsSource: loaded.source,
    settingsFailure: null,
    interfaces: [],
    networkReports: [],
    guards: null,
    zeroTouch: await zeroTouch.report(),
    trial: null,
    lastTrial: null,
    agent: null,
    agentUnit: "inactive",
    host: null,
  });
  const live = new LiveStatus({
    system,
    clock,
    log,
    store,
    cards: new KnownCards(paths),
    rendered: await renderedDevices(paths),
    onDevicesChanged: () => trials.devicesChanged(),
  });

  let keyboard: string | null = null;
  const onSettingsChanged = async (also: Partial<StoredStatus> = {}): Promise<void> => {
    const { settings: keptSettings, source, failure } = await kept.load();
    const trial = trials.active;
    const settings = trial?.settings ?? keptSettings;
    if (settings.console.keyboard !== keyboard) {
      keyboard = settings.console.keyboard;
      await system.tools.setKeyboard(keyboard).catch((error: unknown) =>
        log.warning("keyboard not set", {
          layout: settings.console.keyboard,
          error: String(error),
        }),
      );
    }
    const { lastTrial } = also;
    const settledNow = lastTrial?.end === "kept" && lastTrial.by.how !== "zero-touch";
    const trialPassword = trial?.proxyPassword;
    const detail = failure ?? (await readBootFailure(paths));
    const code = failure === null ? "system-failed" : "settings-unreadable";
    const settingsFailure: Failure | null =
      detail === null
        ? null
        : {
            code,
            detail: detail.slice(0, 2000),
            at: store.stored.settingsFailure?.at ?? clock.nowMs(),
          };
    store.update({
      settings,
      hostname: settings.hostname,
      settingsSource: source,
      settingsFailure,
      secrets: {
        proxyPassword:
          trialPassword === undefined
            ? await kept.secrets.has("proxy-password")
            : trialPassword !== null,
        activationCode: await kept.secrets.has("activation-code"),
        consolePin: await kept.secrets.has("console-pin"),
      },
      ...(settledNow ? { zeroTouch: await zeroTouch.settled() } : {}),
      ...also,
    });
    await live.refresh();
  };

  const trials = new Trials({
    system,
    clock,
    random: parts.random,
    log,
    store,
    files,
    transaction,
    onSettingsChanged,
  });
  await trials.resume();
  await onSettingsChanged();

  const wishes = new ConsoleRequests(paths.stopScans);
  const handlers = makeHandlers({
    system,
    paths,
    kept,
    store,
    live,
    trials,
    transaction,
    zeroTouch,
    wishes,
    clock,
    log,
    onSettingsChanged,
  });
  const servers = await Promise.all([
    serve(
      {
        name: "console",
        path: paths.consoleSocket,
        ...(owners ? { owner: owners.consoleGroup } : {}),
      },
      handlers,
      log,
    ),
    serve(
      { name: "agent", path: paths.agentSocket, ...(owners ? { owner: owners.agentGroup } : {}) },
      handlers,
      log,
    ),
  ]);
  // It asks by itself only when it starts.
  if (await wishes.isWaiting())
    await callRunningAgent(system).catch((error: unknown) =>
      log.warning("agent not called", { error: String(error) }),
    );
  const over = new AbortController();
  const loop = live.run(over.signal);
  log.info("configd ready", { version: parts.version, source: loaded.source });
  return {
    close: async () => {
      over.abort();
      trials.stop();
      await Promise.all(servers.map((server) => server.close()));
      await loop;
    },
  };
}

async function callRunningAgent(system: System): Promise<void> {
  const [unit] = await system.units(agentUnit);
  if (unit?.activeState === "active") await system.signalUnit(agentUnit, "SIGUSR2");
}

async function readBootFailure(paths: AppliancePaths): Promise<string | null> {
  const text = await readFile(paths.bootFailure, "utf8").catch(() => "");
  return text === "" ? null : text;
}
