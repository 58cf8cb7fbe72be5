import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OutriderError } from "../../base/messages/error.ts";
import { fact, said } from "../../base/messages/facts.ts";
import { isMissing } from "../../base/missing-file.ts";
import { stopAskedFile } from "../../scan/files.ts";
import { validateSettings } from "../../settings/checks/validate.ts";
import type { EgressContact } from "../api/egress.ts";
import { SettingsRefused } from "../api/settings-refused.ts";
import type { EgressLedger } from "../egress/ledger.ts";
import { triedAddresses, triedContacts } from "../egress/path-tool-contacts.ts";
import { keptBecause } from "../kept/change-reason.ts";
import type { Volume } from "../machine/tools.ts";
import { asked } from "../trial/proposal.ts";
import { ConsoleLock } from "./console-lock.ts";
import type { ConsoleRequests } from "./console-requests.ts";
import type { HandlerParts } from "./handlers.ts";
import type { Handlers } from "./server.ts";
import { makeSupportBundle } from "./support-bundle.ts";

type ConsoleVerbs =
  | "logs"
  | "tryPath"
  | "volumes"
  | "certificateFiles"
  | "readVolume"
  | "supportBundle"
  | "unlock"
  | "setKeyboard"
  | "setPin"
  | "stopScan"
  | "sendSupportBundle"
  | "checkUpdates";

/**
 * What only people at the console ask for. The console itself has no privileges: everything is done
 * here, within closed lists.
 */
export function consoleHandlers(
  parts: HandlerParts,
  wishes: ConsoleRequests,
  ledger: EgressLedger,
  callAgent: () => Promise<void>,
): Pick<Handlers, ConsoleVerbs> {
  const { system, paths, store, kept, trials, clock, log, onSettingsChanged } = parts;
  const { tools } = system;
  const lock = new ConsoleLock(kept.secrets, clock);
  const volume = async (id: string): Promise<Volume> => {
    const found = (await tools.volumes()).find((each) => each.id === id);
    if (found === undefined) throw new OutriderError("volume-missing", { detail: said(id) });
    return found;
  };
  return {
    logs: (wish) => tools.logs(wish),
    tryPath: async ({ tool, role, target }, signal) => {
      const nic = store.stored.interfaces.find((entry) => entry.role === role);
      if (nic === undefined)
        throw new OutriderError("interface-missing", {
          detail: fact("card-named", { card: role.toUpperCase() }),
        });
      const contacts = triedContacts(tool, target, nic.dns, clock.nowMs());
      const record = (tried: EgressContact[]) =>
        ledger
          .record(tried)
          .catch((error: unknown) =>
            log.warning("the egress ledger cannot be written", { error: String(error) }),
          );
      await record(contacts);
      const answer = await tools.tryPath({ tool, device: nic.name, side: role, target }, signal);
      const addresses = triedAddresses(answer.lines);
      if (addresses.length > 0)
        await record(contacts.map((contact) => ({ ...contact, addresses, count: 0 })));
      return answer;
    },
    volumes: async () => ({ volumes: await tools.volumes() }),
    certificateFiles: async ({ volume: id }) => {
      await volume(id);
      return { files: await tools.certificateFiles(id) };
    },
    readVolume: async ({ volume: id, file }) => {
      await volume(id);
      return {
        text: Buffer.from(await tools.readVolume(id, file))
          .toString("utf8")
          .slice(0, longestFile),
      };
    },
    supportBundle: async ({ volume: id }, signal) => {
      const { writable } = await volume(id);
      if (!writable) throw new OutriderError("volume-read-only", { detail: said(id) });
      const bundle = await makeSupportBundle(parts, signal);
      const file = `outrider-support-${new Date(clock.nowMs()).toISOString().slice(0, 16).replace(/[-:]/g, "")}.tar.gz`;
      await tools.writeVolume(id, file, bundle);
      log.info("support bundle written", { volume: id, file, bytes: bundle.length });
      return { file, bytes: bundle.length };
    },
    sendSupportBundle: async () => {
      if ((store.read().agent?.applianceId ?? null) === null)
        throw new OutriderError("not-enrolled");
      wishes.sendSupportBundle();
      await callAgent();
      log.info("support bundle for the platform asked for at the console");
      return {};
    },
    checkUpdates: async () => {
      wishes.checkUpdates();
      await callAgent();
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
        { ...asked(by), ...keptBecause(fact("kept-keyboard")) },
      );
      await onSettingsChanged();
      return {};
    },
    setPin: async ({ current, pin }) => {
      await lock.change(current, pin);
      await onSettingsChanged();
      return {};
    },
    stopScan: async ({ jobId }) => {
      const waits =
        store.read().agent?.jobs.some((job) => job.jobId === jobId && job.state === "waiting") ??
        false;
      // One that waits has no folder yet.
      if (waits) await wishes.stopScan(jobId);
      else await askToStop(join(paths.scan, jobId));
      await callAgent();
      log.info("scan stopped at the console", { job: jobId });
      return {};
    },
  };
}

/**
 * The agent finds the file in the scan's folder, ends the scan as it would at the platform's word,
 * and delivers what was found.
 */
async function askToStop(folder: string): Promise<void> {
  try {
    await writeFile(join(folder, stopAskedFile), "", { flag: "w" });
  } catch (error) {
    if (isMissing(error)) throw new OutriderError("scan-unknown");
    throw error;
  }
}

/** Certificates are small. */
const longestFile = 64 * 1024;
