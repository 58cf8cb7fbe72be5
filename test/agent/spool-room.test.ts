import test from "ava";
import { JobQueue } from "../../src/agent/scan-jobs/job-queue.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { engines } from "../../src/scan/engines/engines.ts";
import { ResultsInMemory } from "../testkit/agent/results-service.ts";
import { exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { memoryFiles } from "../testkit/agent/spool-files.ts";
import { FakeClock } from "../testkit/clock.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { processReader } from "../testkit/scan/output-reader.ts";
import { folderFor, never, uploader, wide } from "./spool-uploads.ts";

test("when the spool is full, progress notes are dropped first, results wait for room, and no result is dropped", async (t) => {
  const spool = await openSpool("/spool", { files: memoryFiles(), limitBytes: 120_000 });
  const folder = await spool.add(exampleJob, 1);
  for (let percent = 0; percent < 60; percent++)
    await folder.note({ at: percent, percent, hostsFound: 0 });
  const notesBefore = (await folder.notes()).length;
  for (const shard of [1, 2, 3, 4])
    await folder.writeParts(shard, [
      wide(`192.0.2.${shard}`, 12_000),
      wide(`192.0.3.${shard}`, 12_000),
    ]);
  const notes = await folder.notes();
  t.true(notes.length < notesBefore, "notes gave way");
  t.is(notes.at(-1)?.percent, 59, "the oldest ones");
  let written = false;
  const waiting = folder
    .writeParts(5, [wide("192.0.2.5", 12_000), wide("192.0.3.5", 12_000)])
    .then(() => {
      written = true;
    });
  await new Promise((resolve) => setImmediate(resolve));
  t.false(written);
  t.true(spool.figures.full);
  t.false(await spool.takesJobs());
  t.true(spool.figures.usedBytes <= spool.figures.limitBytes);
  const results = new ResultsInMemory();
  await uploader(spool, results).sendAll(never);
  await waiting;
  await uploader(spool, results).sendAll(never);
  t.is(results.addresses.length, 10);
  t.false(spool.figures.full);
  t.true(await spool.takesJobs());
});

test("a part that waits for room stops waiting when its job is stopped", async (t) => {
  const spool = await openSpool("/spool", { files: memoryFiles(), limitBytes: 36_000 });
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [wide("192.0.2.1", 12_000), wide("192.0.2.3", 12_000)]);
  const stop = new AbortController();
  const waiting = folder.writeParts(2, [wide("192.0.2.2", 12_000)], stop.signal);
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new OutriderError("scan-stopped"));
  await t.throwsAsync(waiting, { message: /stopped/ });
  t.false(spool.figures.full);
});

test("a full spool leaves new jobs at the platform, unacknowledged, and takes them when there is room", async (t) => {
  const spool = await openSpool("/spool", { files: memoryFiles(), limitBytes: 56_000 });
  const other = await spool.add({ ...exampleJob, id: "00000000-0000-4000-8000-000000000009" }, 1);
  for (const shard of [1, 2, 3, 4])
    await other.writeParts(shard, [wide(`192.0.2.${shard}`, 12_000)]);
  const acknowledged: string[] = [];
  const jobQueue = new JobQueue({
    spool,
    clock: new FakeClock(),
    log: silentLog,
    scanFolder: await folderFor(t),
    engines,
    reader: processReader(),
    configd: new FakeConfigd({ folder: await folderFor(t), environment: {} }),
    device: () => null,
    exclusions: () => [],
    nearby: async () => [],
    acknowledge: async ({ job }) => void acknowledged.push(job.id),
    changed: () => undefined,
    upload: () => undefined,
  });
  const list = { jobs: [exampleJob, other.job], stop: [] };
  const error = await t.throwsAsync(jobQueue.take(list, never), { instanceOf: OutriderError });
  t.is(error?.code, "spool-full");
  t.deepEqual(acknowledged, [other.job.id], "the job that is there goes on");
  await uploader(spool, new ResultsInMemory()).sendAll(never);
  await jobQueue.take(list, never);
  t.deepEqual(acknowledged, [other.job.id, exampleJob.id]);
});
