import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { engines } from "../../scan/engines/engines.ts";
import { resolveAsCalls } from "../../transport/names.ts";
import { JobQueue } from "../scan-jobs/job-queue.ts";
import { nearbyAddresses, realSurroundings } from "../scan-jobs/nearby.ts";
import { OutputReader } from "../scan-jobs/output-reader.ts";
import { readerAsChild, readerBehind } from "../scan-jobs/reader-process.ts";
import type { ResultsService } from "../scan-jobs/results-service.ts";
import { Uploader } from "../scan-jobs/uploader.ts";
import { acknowledgeJob } from "../services/jobs.ts";
import { listParts, sendCompletion, sendPart } from "../services/results.ts";
import type { Session } from "../session/session.ts";
import type { EnrolledParts } from "./parts.ts";

/**
 * The queue that runs scan jobs and the uploader that sends their results.
 *
 * @param showSpool called when the spool's content may have changed
 */
export function makeScanJobs(
  parts: EnrolledParts,
  session: Pick<Session, "call" | "configuration">,
  showSpool: () => void,
): { jobs: JobQueue; uploader: Uploader } {
  const { spool, configd, clock, random, log, paths, configuration, status } = parts;
  const uploader: Uploader = new Uploader({
    spool,
    results: resultsOver(session),
    clock,
    random,
    log,
    finished: async (folder) => {
      await jobs.finish(folder);
      status.update({ lastScan: await spool.lastScan() });
    },
    unknown: (folder) => jobs.abandon(folder),
    changed: showSpool,
  });
  const jobs: JobQueue = new JobQueue({
    spool,
    configd,
    clock,
    log,
    scanFolder: paths.scan,
    engines,
    reader: new OutputReader({
      start: paths.reader === null ? readerAsChild() : readerBehind(paths.reader),
      clock,
      log,
    }),
    device: () => {
      const { scanDevice, simulated } = configuration.settings;
      if (scanDevice === null && simulated === null)
        throw new OutriderError("scan-card-down", { detail: fact("no-scan-card") });
      return scanDevice;
    },
    exclusions: () => configuration.settings.scanExclusions,
    nearby: async () => {
      const { proxy, simulated } = configuration.settings;
      // A simulated appliance's network is not that of the machine that it runs on.
      if (simulated !== null) return [];
      const { services } = session.configuration.directory;
      const proxyHost = "host" in proxy ? proxy.host : null;
      const surroundings = realSurroundings(resolveAsCalls);
      return nearbyAddresses(proxyHost, Object.values(services), surroundings);
    },
    acknowledge: async ({ job, receivedAt }, signal) => {
      await session.call("jobs", signal, (client, url) =>
        acknowledgeJob(client, url, { ...job, receivedAt }, signal),
      );
    },
    changed: () => {
      status.update({ jobs: jobs.status() });
      showSpool();
    },
    upload: () => uploader.wake(),
  });
  return { jobs, uploader };
}

function resultsOver(session: Pick<Session, "call">): ResultsService {
  return {
    sendPart: ({ job }, number, content, signal) =>
      session.call("results", signal, (client, url) =>
        sendPart(client, url, job, number, content, signal),
      ),
    listParts: ({ job }, from, signal) =>
      session.call("results", signal, (client, url) => listParts(client, url, job, from, signal)),
    sendCompletion: ({ job }, completion, signal) =>
      session.call("results", signal, (client, url) =>
        sendCompletion(client, url, job, completion, signal),
      ),
  };
}
