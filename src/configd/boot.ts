import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { writeDurably } from "../base/durable-file.ts";
import type { Log } from "../base/log.ts";
import { renderFirewall } from "../network/firewall.ts";
import { noDevices } from "../network/netplan.ts";
import { renderResolved } from "../network/resolved.ts";
import { renderRouting } from "../network/split-routing.ts";
import { readHistory } from "../settings/history.ts";
import { defaultSettings, type Settings } from "../settings/schema.ts";
import { makeFolders } from "./folders.ts";
import { Kept } from "./kept.ts";
import type { Owners } from "./owners.ts";
import type { AppliancePaths } from "./paths.ts";
import { type Rendered, renderNetwork, writeAgentFiles, writePassing } from "./rendering.ts";
import type { System } from "./system.ts";
import { TrialFiles } from "./trial-files.ts";

export interface BootParts {
  system: System;
  paths: AppliancePaths;
  owners: Owners | null;
  log: Log;
}

/**
 * Before the network comes up: makes what lies in the stateless /etc and /run from the kept settings. It never stops the
 * start of the machine: each part is done for itself, and settings that netplan refuses are passed over for older ones, at last for
 * the defaults. What went wrong is left for configd's status.
 */
export async function boot({ system, paths, owners, log }: BootParts): Promise<void> {
  const failures: string[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`${what}: ${reason}`);
      log.error("boot step failed", { what, error: reason });
    }
  };

  await attempt("folders", () => makeFolders(paths, owners));
  await attempt("firewall", () => system.loadFirewall(renderFirewall(null)));
  const kept = new Kept(paths, system);
  const { settings, source, failure } = await kept.load();
  if (failure !== null) log.error("settings not readable", { failure, source });
  // A trial never outlives a start. One that lies here means that this is run again without one: it is configd's to end.
  if ((await new TrialFiles(paths).readState()) !== null) return;
  await attempt("trial", () => rm(paths.trialNetplan, { force: true }));

  const rendered = await renderFirstThatWorks(system, await candidates(settings, paths), failures, log);
  await attempt("host name", () => system.setHostname(rendered.settings.hostname));
  await attempt("resolver", () => writePassing(paths.resolved, renderResolved(), 0o644));
  await attempt("routing", () => system.setRouting(rendered.routing));
  await attempt("network", async () => {
    if (rendered.netplan === "") return;
    await mkdir(dirname(paths.keptNetplan), { recursive: true });
    await writeDurably(paths.keptNetplan, rendered.netplan, { mode: 0o600 });
    await system.install(rendered.files);
  });
  await attempt("agent", () => writeAgentFiles(paths, owners, rendered, (name) => kept.secrets.read(name), system.simulated));
  await attempt("report", () => writePassing(paths.bootFailure, failures.join("; "), 0o644));
  log.info("settings rendered", { source, lan: rendered.devices.lan, failures: failures.length });
}

async function candidates(settings: Settings, paths: AppliancePaths): Promise<Settings[]> {
  const older = await readHistory(paths.settings.history).catch(() => []);
  return [settings, ...older.map((entry) => entry.settings), defaultSettings];
}

async function renderFirstThatWorks(system: System, settings: readonly Settings[], failures: string[], log: Log): Promise<Rendered> {
  for (const candidate of settings) {
    try {
      return await renderNetwork(system, candidate);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`network: ${reason}`);
      log.error("settings not rendered", { error: reason });
      // A generator that does not run at all refuses every one: once is enough.
      if (failures.length > 3) break;
    }
  }
  return { settings: settings[0] ?? defaultSettings, devices: noDevices, netplan: "", files: new Map(), routing: renderRouting(defaultSettings, noDevices) };
}
