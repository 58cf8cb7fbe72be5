import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { validateSettings } from "../../settings/checks/validate.ts";
import { SettingsRefused } from "../api/settings-refused.ts";
import { keptBecause } from "../kept/change-reason.ts";
import { callAgent } from "../machine/call-agent.ts";
import { originOf } from "../trial/proposal.ts";
import { ConsoleLock } from "./console-lock.ts";
import type { HandlerParts, Handlers } from "./parts.ts";

/**
 * The verbs that only the console calls. The console itself has no privileges: configd acts for it,
 * within closed lists.
 */
export function consoleHandlers(parts: HandlerParts) {
  const { system, store, kept, trials, requests, clock, log } = parts;
  const { tools } = system;
  const lock = new ConsoleLock(kept.secrets, clock);
  return {
    logs: (request) => tools.logs(request),
    sendSupportBundle: async () => {
      if ((store.read().agent?.applianceId ?? null) === null)
        throw new OutriderError("not-enrolled");
      requests.sendSupportBundle();
      await callAgent(system);
      log.info("support bundle for the platform requested at the console");
      return {};
    },
    checkUpdates: async () => {
      requests.checkUpdates();
      await callAgent(system);
      return {};
    },
    unlock: ({ pin }) => lock.unlock(pin),
    setKeyboard: async ({ layout, by }) => {
      trials.requireNone();
      const { settings } = await kept.load();
      const validation = validateSettings({
        ...settings,
        console: { ...settings.console, keyboard: layout },
      });
      if (!validation.ok) throw new SettingsRefused(validation.problems);
      await kept.save(
        validation.settings,
        {},
        { ...originOf(by), ...keptBecause(fact("kept-keyboard")) },
      );
      await parts.onSettingsChanged();
      return {};
    },
    setPin: async ({ current, pin }) => {
      await lock.change(current, pin);
      await parts.onSettingsChanged();
      return {};
    },
    stopScan: async ({ jobId }) => {
      const jobs = store.read().agent?.jobs ?? [];
      if (!jobs.some((job) => job.jobId === jobId)) throw new OutriderError("scan-unknown");
      // Kept in configd's own folder, where the agent asks for it. configd is root and writes nothing
      // into the job's folder: the engine's user can, and could put a link or a FIFO there.
      await requests.stopScan(jobId);
      await callAgent(system);
      log.info("scan stopped at the console", { job: jobId });
      return {};
    },
  } satisfies Partial<Handlers>;
}
