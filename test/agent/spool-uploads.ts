import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { Uploader } from "../../src/agent/scan-jobs/uploader.ts";
import type { Spool } from "../../src/agent/spool/spool.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { HostObservation } from "../../src/protocol/schemas/results.ts";
import { ResultsInMemory } from "../testkit/agent/results-service.ts";
import { exampleEnd, exampleHost, exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";

export const never = new AbortController().signal;

export const wide = (address: string, bytes: number) =>
  exampleHost(address, {
    hostnames: Array.from({ length: Math.ceil(bytes / 250) }, () => "x".repeat(245)).slice(0, 50),
  });

export async function folderFor(t: ExecutionContext) {
  const path = await mkdtemp(join(tmpdir(), "outrider-bounds-"));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

export function uploader(spool: Spool, results: ResultsInMemory, clock = new FakeClock()) {
  return new Uploader({
    spool,
    results,
    clock,
    random: fixedRandom(0.5),
    log: silentLog,
    finished: (folder) => spool.remove(folder),
    unknown: (folder) => spool.remove(folder),
    changed: () => undefined,
  });
}

/**
 * Uploads a job's hosts over a path that refuses larger parts. One receipt is lost, after the
 * platform has stored the part, which is the worst moment, and the agent restarts each time.
 */
export async function sendInterrupted(
  path: string,
  hosts: readonly HostObservation[],
  { largestBytes, cutAt }: { largestBytes: number; cutAt: number },
): Promise<ResultsInMemory> {
  let spool = await openSpool(path);
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, hosts);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  const send = results.sendPart;
  let requests = 0;
  results.sendPart = async (...given) => {
    if (given[2].content.length > largestBytes) throw new OutriderError("path-upload-limit");
    const receipt = await send(...given);
    if (requests++ === cutAt) throw new OutriderError("service-silent");
    return receipt;
  };
  for (let rounds = 0; results.completion === null && rounds < 5; rounds++) {
    await uploader(spool, results)
      .sendAll(never)
      .catch(() => undefined);
    if (results.completion === null) spool = await openSpool(path);
  }
  return results;
}
