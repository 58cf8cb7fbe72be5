import { join } from "node:path";
import test from "ava";
import { JobQueue } from "../../src/agent/scan-jobs/job-queue.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { engines } from "../../src/scan/engines/engines.ts";
import { ResultsInMemory } from "../testkit/agent/results-service.ts";
import { exampleEnd, exampleHost, exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { memoryFiles } from "../testkit/agent/spool-files.ts";
import { FakeClock } from "../testkit/clock.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { processReader } from "../testkit/scan/output-reader.ts";
import { folderFor, never, uploader } from "./spool-uploads.ts";

for (const [title, tookMs, most] of [
  ["accepted soon, up to four are sent at once", 100, 4],
  ["accepted slowly, each is sent by itself", 2000, 1],
] as const) {
  test(`while parts are ${title}`, async (t) => {
    const spool = await openSpool(await folderFor(t));
    const folder = await spool.add(exampleJob, 1);
    for (let shard = 0; shard < 9; shard++)
      await folder.writeParts(shard, [exampleHost(`192.0.2.${shard}`)]);
    await folder.writeCompletion(exampleEnd);
    const clock = new FakeClock();
    const results = new ResultsInMemory();
    const send = results.sendPart;
    let open = 0;
    let largest = 0;
    const full = Array.from({ length: 2 }, () => Promise.withResolvers<void>());
    results.sendPart = async (...given) => {
      largest = Math.max(largest, ++open);
      // The first goes alone, the others by fours.
      const group = full[Math.floor((given[1] - 1) / 4)];
      if (open === most) group?.resolve();
      if (given[1] > 0) await group?.promise;
      await clock.advance(tookMs);
      open--;
      return send(...given);
    };
    await uploader(spool, results, clock).sendAll(never);
    t.is(largest, most);
    t.is(results.addresses.length, 9);
    t.like(results.completion, { state: "completed", partCount: 9 });
  });
}

test("a result of more than ten thousand parts is completed, also when its receipts are listed page by page", async (t) => {
  const files = memoryFiles();
  const spool = await openSpool("/spool", { files, limitBytes: 1e10 });
  const folder = await spool.add(exampleJob, 1);
  const count = 10_400;
  for (let shard = 0; shard < count; shard++)
    await folder.writeParts(shard, [exampleHost(`192.0.2.${shard % 250}`)]);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  // The receipts of the last ones are lost, and their files are damaged: the platform is asked
  // which it has.
  results.fault = (number) => (number >= count - 3 ? new OutriderError("service-silent") : null);
  await t.throwsAsync(uploader(spool, results).sendAll(never));
  for (const part of folder.parts.waiting()) {
    const read = await folder.parts.read(part);
    results.fault = null;
    if (read) await results.sendPart(folder, part.number, read, never);
    await files.write(
      join(folder.path, "parts", `${part.number}-${part.shard}-${part.piece}`),
      "damaged",
    );
  }
  await uploader(spool, results).sendAll(never);
  t.like(results.completion, { state: "completed", partCount: count, lost: [] });
});

test("stored results are sent although the platform has sent the job again meanwhile", async (t) => {
  const spool = await openSpool("/spool", { files: memoryFiles() });
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.1")]);
  await folder.writeCompletion(exampleEnd);
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
    acknowledge: async () => undefined,
    changed: () => undefined,
    upload: () => undefined,
  });
  const stop = new AbortController();
  void jobQueue.run(stop.signal);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await jobQueue.take({ jobs: [{ ...exampleJob, attempt: 2 }], stop: [] }, never);
  stop.abort();
  t.deepEqual(
    spool.jobs().map(({ job }) => job.attempt),
    [1],
  );
});

test("after a week without a platform everything is uploaded, and meanwhile the platform is called every ten minutes at most", async (t) => {
  const clock = new FakeClock();
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  for (const shard of [1, 2, 3]) await folder.writeParts(shard, [exampleHost(`192.0.2.${shard}`)]);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  let away = true;
  let tries = 0;
  results.fault = () => (away && ++tries > 0 ? new OutriderError("connect-silent") : null);
  const stop = new AbortController();
  const running = uploader(spool, results, clock).run(stop.signal);
  const weekMs = 7 * 86_400_000;
  for (let passedMs = 0; passedMs < weekMs; passedMs += 600_000) {
    await clock.untilSleeping();
    await clock.advance(600_000);
  }
  t.true(tries > 900 && tries < 2 * (weekMs / 450_000), `${tries} tries`);
  away = false;
  while (results.completion === null) {
    await clock.untilSleeping();
    await clock.advance(600_000);
  }
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
  t.deepEqual(spool.jobs(), []);
  stop.abort();
  await running;
});
