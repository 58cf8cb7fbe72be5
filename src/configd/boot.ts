import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { removeAbandoned, writeDurably } from "../base/durable-file.ts";
import type { Log } from "../base/log.ts";
import { fact } from "../base/messages/facts.ts";
import { ignoring } from "../base/missing-file.ts";
import { writeRunFile } from "../base/run-file.ts";
import { renderFirewall } from "../network/firewall.ts";
import { renderResolved } from "../network/resolved.ts";
import { renderTimeServers } from "../network/time-servers.ts";
import { readHistory } from "../settings/history.ts";
import { defaultSettings, type Settings } from "../settings/model/schema.ts";
import type { AppliancePaths } from "./api/paths.ts";
import { keptBecause } from "./kept/change-reason.ts";
import { finishFactoryReset } from "./kept/factory-reset.ts";
import { SavedSettings } from "./kept/saved-settings.ts";
import type { Owners } from "./machine/file-owners.ts";
import { makeFolders } from "./machine/folders.ts";
import { KnownCards } from "./machine/known-cards.ts";
import type { System } from "./machine/system.ts";
import {
  type Rendered,
  renderFallback,
  renderNetwork,
  writeAgentFiles,
} from "./trial/rendering.ts";
import { TrialFiles } from "./trial/trial-files.ts";
import { ZeroTouch } from "./zero-touch/zero-touch.ts";

export interface BootParts {
  system: System;
  paths: AppliancePaths;
  owners: Owners | null;
  log: Log;
}

/**
 * Runs at boot, before the network comes up: renders the files of the stateless /etc and /run from
 * the saved settings. It never stops the boot: a step that fails does not keep the others from
 * running, and settings that netplan refuses give way to older ones of the history, at last to the
 * defaults. configd's status shows the failures.
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

  await attempt("factory reset", async () => {
    if (await finishFactoryReset(paths)) log.warning("factory reset done");
  });
  await attempt("folders", () => makeFolders(paths, owners));
  await attempt("files of interrupted writes", async () => {
    for (const folder of [dirname(paths.settings.file), paths.secrets])
      await removeAbandoned(folder, Date.now());
  });
  await attempt("firewall", () => system.loadFirewall(renderFirewall(null)));
  const kept = new SavedSettings(paths, system);
  await attempt("zero-touch", () =>
    takeZeroTouch(kept, new ZeroTouch(system, paths, () => Date.now()), log),
  );
  const { settings, source, failure } = await kept.load();
  if (failure !== null) log.error("settings not readable", { failure, source });
  // No trial survives a boot, because its files are below /run. If one is here, the unit was
  // restarted without a boot, and configd has to end the trial.
  if ((await new TrialFiles(paths).readState()) !== null) return;
  await attempt("trial", () => rm(paths.trialNetplan, { force: true }));

  const rendered = await renderFirstThatWorks(
    system,
    await candidates(settings, paths),
    failures,
    log,
  );
  await attempt("host name", () => system.setHostname(rendered.settings.hostname));
  await attempt("time servers", () =>
    system.setTimeServers(renderTimeServers(rendered.settings.time.servers)),
  );
  await attempt("resolver", () => writeRunFile(paths.resolved, renderResolved(), 0o644));
  await attempt("routing", () => system.setRouting(rendered.routing));
  await attempt("network", async () => {
    if (rendered.netplan !== "") {
      await mkdir(dirname(paths.keptNetplan), { recursive: true });
      await writeDurably(paths.keptNetplan, rendered.netplan, { mode: 0o600 });
    }
    await system.install(rendered.files);
  });
  await attempt("cards", async () => {
    await new KnownCards(paths).observe(await system.interfaces(), rendered.devices);
  });
  await attempt("agent", () =>
    writeAgentFiles(
      paths,
      owners,
      rendered,
      (name) => kept.secrets.credential(name),
      system.simulated,
    ),
  );
  await attempt("report", () => writeRunFile(paths.bootFailure, failures.join("; "), 0o644));
  log.info("settings rendered", { source, lan: rendered.devices.lan, failures: failures.length });
}

/**
 * Reads zero-touch settings once, and saves them if the appliance is not set up yet. Logs only the
 * sources' names, because the documents contain secrets.
 */
async function takeZeroTouch(kept: SavedSettings, zeroTouch: ZeroTouch, log: Log): Promise<void> {
  const { settings: present, source, failure } = await kept.load();
  const reading = await zeroTouch.readFirst(present);
  if (reading === null) return;
  const { settings, secrets, report } = reading;
  log.info("zero-touch read", {
    sources: report.sources.map((each) => each.source),
    problems: report.problems.length,
  });
  const given = !isDeepStrictEqual(settings, present) || Object.keys(secrets).length > 0;
  // Saved settings are newer than what the hypervisor offers: then only the report was lost.
  if (given && source === "defaults" && failure === null) {
    const who = report.sources.map((each) => each.source).join(", ");
    await kept.save(settings, secrets, {
      how: "zero-touch",
      who: who.slice(0, 100),
      ...keptBecause(fact("kept-first-start")),
    });
  }
  await zeroTouch.write(report);
}

async function candidates(settings: Settings, paths: AppliancePaths): Promise<Settings[]> {
  const older = await readHistory(paths.settings.history).catch(
    ignoring("the present settings and the defaults remain"),
  );
  return [settings, ...(older ?? []).map((entry) => entry.settings), defaultSettings];
}

async function renderFirstThatWorks(
  system: System,
  settings: readonly Settings[],
  failures: string[],
  log: Log,
): Promise<Rendered> {
  for (const candidate of settings) {
    try {
      return await renderNetwork(system, candidate);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`network: ${reason}`);
      log.error("settings not rendered", { error: reason });
      // A generator that does not run at all refuses all of them, so stop after a few.
      if (failures.length > 3) break;
    }
  }
  return await renderFallback(system, settings[0] ?? defaultSettings);
}
