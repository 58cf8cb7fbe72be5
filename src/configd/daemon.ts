import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { LoadedSettings } from "../settings/load.ts";
import type { ZeroTouchReport } from "../settings/zero-touch/report.ts";
import type { AppliancePaths } from "./api/paths.ts";
import { boot } from "./boot.ts";
import { EgressLedger } from "./egress/ledger.ts";
import { SavedSettings } from "./kept/saved-settings.ts";
import { callRunningAgent } from "./machine/call-agent.ts";
import type { Owners } from "./machine/file-owners.ts";
import { makeFolders } from "./machine/folders.ts";
import { KnownCards } from "./machine/known-cards.ts";
import type { System } from "./machine/system.ts";
import { SettingsPublisher } from "./settings-publisher.ts";
import { LiveStatus } from "./status/live-status.ts";
import { StatusStore, type StoredStatus } from "./status/status-store.ts";
import { renderedDevices } from "./trial/rendering.ts";
import { Transaction } from "./trial/transaction.ts";
import { TrialFiles } from "./trial/trial-files.ts";
import { Trials } from "./trial/trials.ts";
import { ConsoleRequests } from "./verbs/console-requests.ts";
import { makeHandlers } from "./verbs/handlers.ts";
import type { HandlerParts } from "./verbs/parts.ts";
import { type RunningServer, serve } from "./verbs/server.ts";
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
  beforeStep?: ((step: string) => Promise<void> | void) | undefined;
}

export interface RunningConfigd {
  /**
   * Closes sockets and ends loops. A trial goes on: its reverter is armed, and the next configd
   * resumes it.
   */
  close(): Promise<void>;
}

/** Starts the daemon; resolves when both sockets answer. */
export async function startConfigd(parts: ConfigdParts): Promise<RunningConfigd> {
  const { system, paths, owners, log } = parts;
  await makeFolders(paths, owners);
  // A described machine does not boot, so the steps of the boot are done here.
  if (system.simulated !== null) await boot(parts);
  const assembled = await assemble(parts);
  const { trials, live, requests, store } = assembled;
  await trials.resume();
  await assembled.onSettingsChanged();
  const servers = await openSockets(parts, assembled);
  await deliverRequests(requests, parts);
  const over = new AbortController();
  const loop = live.run(over.signal);
  log.info("configd ready", { version: parts.version, source: store.stored.settingsSource });
  return {
    close: async () => {
      over.abort();
      trials.stop();
      await Promise.all(servers.map((server) => server.close()));
      await loop;
    },
  };
}

/** Creates the parts of configd and connects them. */
async function assemble(parts: ConfigdParts): Promise<HandlerParts> {
  const { system, paths, owners, clock, random, log, beforeStep } = parts;
  const kept = new SavedSettings(paths, system);
  const files = new TrialFiles(paths);
  const transaction = new Transaction({ system, paths, owners, kept, files, log, beforeStep });
  const zeroTouch = new ZeroTouch(system, paths, () => clock.nowMs());
  const store = new StatusStore(
    clock,
    firstStatus(parts, await kept.load(), await zeroTouch.report()),
  );
  const live = new LiveStatus({
    system,
    clock,
    log,
    store,
    cards: new KnownCards(paths),
    rendered: await renderedDevices(paths),
    onDevicesChanged: () => trials.devicesChanged(),
  });
  const publisher = new SettingsPublisher({
    system,
    paths,
    kept,
    store,
    live,
    zeroTouch,
    clock,
    log,
    activeTrial: () => trials.active,
  });
  const onSettingsChanged = (also?: Partial<StoredStatus>) => publisher.publish(also);
  const trials = new Trials({
    system,
    clock,
    random,
    log,
    store,
    files,
    transaction,
    onSettingsChanged,
  });
  return {
    system,
    paths,
    kept,
    store,
    live,
    trials,
    transaction,
    zeroTouch,
    requests: new ConsoleRequests(paths.stopScans),
    ledger: new EgressLedger(paths.egress, () => clock.nowMs()),
    clock,
    log,
    onSettingsChanged,
  };
}

/** The status before the machine was read. */
function firstStatus(
  { system, version }: ConfigdParts,
  { settings, source }: LoadedSettings,
  zeroTouch: ZeroTouchReport,
): StoredStatus {
  return {
    simulated: system.simulated,
    software: { version },
    hostname: settings.hostname,
    clock: { synchronized: false },
    settings,
    secrets: { proxyPassword: false, activationCode: false },
    settingsSource: source,
    settingsFailure: null,
    interfaces: [],
    networkReports: [],
    guards: null,
    zeroTouch,
    trial: null,
    lastTrial: null,
    agent: null,
    agentUnit: "inactive",
    host: null,
  };
}

async function openSockets(
  { paths, owners, log }: ConfigdParts,
  assembled: HandlerParts,
): Promise<RunningServer[]> {
  const handlers = makeHandlers(assembled);
  return await Promise.all([
    serve(
      { name: "console", path: paths.consoleSocket, owner: owners?.consoleGroup },
      handlers,
      log,
    ),
    serve({ name: "agent", path: paths.agentSocket, owner: owners?.agentGroup }, handlers, log),
  ]);
}

/**
 * Calls the agent if an earlier configd left requests: by itself, the agent fetches them only when
 * it starts.
 */
async function deliverRequests(
  requests: ConsoleRequests,
  { system, log }: ConfigdParts,
): Promise<void> {
  if (!(await requests.isWaiting())) return;
  await callRunningAgent(system).catch((error: unknown) =>
    log.warning("agent not called", { error: String(error) }),
  );
}
