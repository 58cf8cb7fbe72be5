import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { ScanJob } from "../../src/agent/scan-jobs/scan-job.ts";
import { Uploader } from "../../src/agent/scan-jobs/uploader.ts";
import type { Spool } from "../../src/agent/spool/spool.ts";
import { expandTargets } from "../../src/base/addresses/scan-targets.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { engines } from "../../src/scan/engines/engines.ts";
import { ResultsInMemory } from "../testkit/agent/results-service.ts";
import { exampleHost, exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { faultyFiles } from "../testkit/agent/spool-files.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";

const job = { ...exampleJob, scan: { ...exampleJob.scan, targets: ["192.0.2.0/26"] } };
const everyHost = [...expandTargets(job.scan.targets, [])]
  .filter((address) => Number(address.split(".")[3]) % 7 === 0)
  .sort();
const never = new AbortController().signal;
/** A host comes in pieces: of discovery, of its ports and of its services. */
const once = (addresses: readonly string[]) => [...new Set(addresses)];

/** One round of the agent's loop: take the job, continue it, upload. */
async function round(spool: Spool, results: ResultsInMemory): Promise<void> {
  const folder = spool.find(job) ?? (results.completion ? null : await spool.add(job, 1));
  if (!folder) return;
  if (!folder.has("acknowledged")) await folder.mark("acknowledged");
  if (!(await folder.completion())) {
    const scan = new ScanJob(folder, {
      clock: new FakeClock(),
      log: silentLog,
      device: () => null,
      exclusions: [],
      nearby: async () => [],
      progress: () => undefined,
      partsWritten: () => undefined,
      engines,
      shards: {
        dropOutdated: async () => undefined,
        leftovers: async () => null,
        run: async (_job, { phase, targets }) => {
          const up = [...expandTargets(targets, [])].filter((address) =>
            everyHost.includes(address),
          );
          const ports =
            phase !== "discover"
              ? [{ protocol: "tcp" as const, number: 22, state: "open", reason: "syn-ack" }]
              : [];
          return {
            accepted: true,
            reason: "",
            tooMuch: false,
            ended: true,
            hosts: up.map((address) => exampleHost(address, { ports })),
            engineVersion: "7.95",
          };
        },
      },
    });
    await scan.run(never);
  }
  const uploader = new Uploader({
    spool,
    results,
    clock: new FakeClock(),
    random: fixedRandom(0),
    log: silentLog,
    finished: (done) => spool.remove(done),
    unknown: (gone) => spool.remove(gone),
    changed: () => undefined,
  });
  await uploader.sendAll(never);
}

/** Runs until the platform has the result; restarts the agent after a failure when `restarts`. */
async function live(
  fails: (write: number) => boolean,
  restarts: boolean,
): Promise<{ results: ResultsInMemory; writes: number; failures: number }> {
  const path = await mkdtemp(join(tmpdir(), "outrider-full-"));
  const files = faultyFiles(fails);
  const results = new ResultsInMemory();
  try {
    let spool: Spool | null = null;
    let failures = 0;
    for (
      let rounds = 0;
      results.completion === null || spool === null || spool.jobs().length > 0;
      rounds++
    ) {
      if (rounds > 60) throw new Error("the job does not come to its end");
      try {
        spool ??= await openSpool(path, { files });
        await round(spool, results);
      } catch (error) {
        if (!(error instanceof OutriderError) || error.code !== "storage-full") throw error;
        failures++;
        if (restarts) spool = null;
      }
    }
    return { results, writes: files.writes, failures };
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

test("a disk that is full at any one write loses nothing, whether the agent continues or restarts", async (t) => {
  const { writes, results: undisturbed } = await live(() => false, false);
  t.deepEqual(once(undisturbed.addresses), everyHost);
  t.true(writes > 20);
  let failures = 0;
  for (let at = 0; at < writes; at++) {
    for (const restarts of [false, true]) {
      const ended = await live((write) => write === at, restarts);
      failures += ended.failures;
      t.deepEqual(once(ended.results.addresses), everyHost, `write ${at}`);
      t.like(
        ended.results.completion,
        { state: "completed", lost: [], openPorts: everyHost.length },
        `write ${at}`,
      );
    }
  }
  t.true(failures > writes, "nearly all of them were felt");
});

test("a disk that stays full for a while and has space again loses nothing", async (t) => {
  for (let from = 3; from < 40; from += 4) {
    const { results } = await live((write) => write >= from && write < from + 9, from % 8 === 3);
    t.deepEqual(once(results.addresses), everyHost, `full from write ${from}`);
    t.like(results.completion, { state: "completed", lost: [] });
  }
});
