import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { JobDesk } from "../../src/agent/scan-jobs/job-desk.ts";
import { Uploader } from "../../src/agent/scan-jobs/uploader.ts";
import { PartCipher } from "../../src/agent/spool/part-cipher.ts";
import type { Spool } from "../../src/agent/spool/spool.ts";
import { silentLog } from "../../src/base/log.ts";
import { systemRandom } from "../../src/base/random.ts";
import { OutriderError } from "../../src/protocol/error.ts";
import type { Port } from "../../src/protocol/schemas/results.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";
import { FakeConfigd } from "../testkit/configd-fake.ts";
import { ResultsInMemory } from "../testkit/results-service.ts";
import { exampleEnd, exampleHost, exampleJob } from "../testkit/scan-examples.ts";
import { openSpool } from "../testkit/spool.ts";
import { memoryFiles } from "../testkit/spool-files.ts";

const never = new AbortController().signal;
const wide = (address: string, bytes: number) =>
  exampleHost(address, { hostnames: Array.from({ length: Math.ceil(bytes / 250) }, () => "x".repeat(245)).slice(0, 50) });

async function folderFor(t: ExecutionContext) {
  const path = await mkdtemp(join(tmpdir(), "outrider-bounds-"));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

function uploader(spool: Spool, results: ResultsInMemory, clock = new FakeClock()) {
  return new Uploader({
    ...{ spool, results, clock, random: fixedRandom(0.5), log: silentLog },
    finished: (folder) => spool.remove(folder),
    unknown: (folder) => spool.remove(folder),
    changed: () => undefined,
  });
}

test("parts lie encrypted, each for its own place: one that is moved or put in another's place is none", async (t) => {
  const path = await folderFor(t);
  const spool = await openSpool(path);
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.77", { hostnames: ["secret-host.example"] })]);
  await folder.writeParts(2, [exampleHost("192.0.2.78")]);
  const parts = join(folder.path, "parts");
  const [first = "", second = ""] = (await readdir(parts)).sort();
  for (const name of [first, second]) t.notRegex((await readFile(join(parts, name))).toString("latin1"), /192\.0\.2|secret-host/);
  await rename(join(parts, first), join(parts, "swap"));
  await rename(join(parts, second), join(parts, first));
  await rename(join(parts, "swap"), join(parts, second));
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  await uploader(spool, results).sendAll(never);
  t.deepEqual(results.addresses, []);
  t.like(results.completion, { state: "incomplete", partCount: 2, lost: [0, 1] });
});

test("a stored part that is cut or changed at any byte is noticed, and so is another box's key", (t) => {
  const cipher = new PartCipher(new Uint8Array(32).fill(1), systemRandom);
  const place = { jobId: exampleJob.id, attempt: 1, number: 3 };
  const content = Buffer.from(JSON.stringify({ hosts: ["192.0.2.1"] }));
  const sealed = cipher.seal(content, place);
  t.deepEqual(cipher.open(sealed, place), content);
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 0x40;
    t.is(cipher.open(changed, place), null);
    t.is(cipher.open(sealed.subarray(0, at), place), null);
  }
  t.is(cipher.open(sealed, { ...place, number: 4 }), null);
  t.is(cipher.open(sealed, { ...place, attempt: 2 }), null);
  t.is(new PartCipher(new Uint8Array(32).fill(2), systemRandom).open(sealed, place), null);
});

test("a part whose file vanished is told as lost with the addresses that it held, and the job ends", async (t) => {
  const path = await folderFor(t);
  const spool = await openSpool(path);
  const folder = await spool.add(exampleJob, 1);
  await folder.writeServiceShards({
    shards: [1, 2].map((shard) => ({ shard, phase: "services" as const, targets: [`192.0.2.${shard}`, "192.0.2.9"], addresses: 2 })),
  });
  for (const shard of [1, 2]) {
    await folder.writeParts(shard, [exampleHost(`192.0.2.${shard}`)]);
    const record = { shard, outcome: "done" as const, reason: "", up: [], addresses: 2, openPorts: 0, timedOut: [], engineVersion: "1" };
    await folder.writeShard(record);
  }
  await rm(join(folder.path, "parts", "1-2-0"));
  const reopened = await openSpool(path);
  const again = reopened.find(exampleJob);
  await again?.writeParts(3, [exampleHost("192.0.2.3")]);
  await again?.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  await uploader(reopened, results).sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.3"], "the number of the vanished part is not given out again");
  t.like(results.completion, { state: "incomplete", partCount: 3, lost: [1] });
  t.is(results.completion?.problems[0]?.code, "storage-damaged");
  t.deepEqual(reopened.jobs(), []);
});

test("what is too large for the path goes up in halves, each host once, also when that is interrupted at any request", async (t) => {
  const hosts = Array.from({ length: 9 }, (_, index) => wide(`192.0.2.${index + 1}`, 10_000));
  for (let cutAt = 0; cutAt < 24; cutAt++) {
    const path = await folderFor(t);
    let spool = await openSpool(path);
    const folder = await spool.add(exampleJob, 1);
    await folder.writeParts(1, hosts);
    await folder.writeCompletion(exampleEnd);
    const results = new ResultsInMemory();
    const limit = (content: Uint8Array) => (content.length > 26_000 ? new OutriderError("path-upload-limit") : null);
    // The answer is lost after the platform has taken the part: the worst moment.
    const send = results.sendPart;
    let requests = 0;
    results.sendPart = async (...given) => {
      const refused = limit(given[2].content);
      if (refused) throw refused;
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
    t.like(results.completion, { state: "completed", lost: [] }, `cut at ${cutAt}`);
    t.deepEqual(results.addresses, hosts.map(({ address }) => address).sort(), `cut at ${cutAt}`);
    for (const { bytes } of results.parts.values()) t.true(bytes <= 26_000);
  }
});

for (const [title, tookMs, most] of [
  ["taken soon, up to four are under way at once", 100, 4],
  ["slow to be taken, each has the line for itself", 2000, 1],
] as const) {
  test(`while parts are ${title}`, async (t) => {
    const spool = await openSpool(await folderFor(t));
    const folder = await spool.add(exampleJob, 1);
    for (let shard = 0; shard < 9; shard++) await folder.writeParts(shard, [exampleHost(`192.0.2.${shard}`)]);
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

test("a part that is written while another is cut in halves gets a number of its own", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.1"), exampleHost("192.0.2.2")]);
  const [whole] = folder.shelf.waiting();
  if (!whole) throw new Error("nothing waits");
  await Promise.all([
    folder.writeParts(2, [exampleHost("192.0.2.3")]),
    folder.shelf.halve(whole, { hosts: 2, ports: 0 }),
    folder.writeParts(3, [exampleHost("192.0.2.4")]),
  ]);
  t.deepEqual(
    folder.shelf.waiting().map(({ number }) => number),
    [0, 1, 2, 3],
  );
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  await uploader(spool, results).sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
});

test("a path that cuts large uploads instead of refusing them is found out, and everything goes up in halves", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  const hosts = Array.from({ length: 8 }, (_, index) => wide(`192.0.2.${index + 1}`, 10_000));
  await folder.writeParts(1, hosts);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  results.fault = (_, content) => (content.length > 26_000 ? new OutriderError("connect-reset") : null);
  const sending = uploader(spool, results);
  const first = await t.throwsAsync(sending.sendAll(never), { instanceOf: OutriderError });
  t.is(first?.code, "connect-reset", "once it may be the network's doing");
  for (let rounds = 0; results.completion === null && rounds < 6; rounds++) await sending.sendAll(never).catch(() => undefined);
  t.like(results.completion, { state: "completed", lost: [] });
  t.deepEqual(results.addresses, hosts.map(({ address }) => address).sort());
});

test("the limit is learnt: later parts are cut before they are refused", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  for (const shard of [1, 2, 3, 4])
    await folder.writeParts(
      shard,
      Array.from({ length: 8 }, (_, index) => wide(`192.0.${shard}.${index}`, 10_000)),
    );
  const results = new ResultsInMemory();
  let refusals = 0;
  results.fault = (_, content) => (content.length > 45_000 && ++refusals > 0 ? new OutriderError("path-upload-limit") : null);
  await uploader(spool, results).sendAll(never);
  t.is(results.addresses.length, 32);
  t.is(refusals, 1);
});

test("one host that is too large for the path is kept and told with a code, the others go up; with the limit gone it goes too", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.1"), wide("192.0.2.2", 12_000)]);
  await folder.writeParts(2, [exampleHost("192.0.2.3")]);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  results.fault = (_, content) => (content.length > 9000 ? new OutriderError("path-upload-limit") : null);
  const sending = uploader(spool, results);
  const error = await t.throwsAsync(sending.sendAll(never), { instanceOf: OutriderError });
  t.is(error?.code, "path-upload-limit");
  t.regex(error?.detail ?? "", /\d+ bytes was refused; the largest that passed had \d+/);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.3"]);
  t.is(results.completion, null);
  results.fault = null;
  await sending.sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
  t.like(results.completion, { state: "completed", lost: [] });
});

test("one host that is too large by itself goes up in pieces of its ports, each port once, also when that is interrupted at any request", async (t) => {
  const port = (number: number): Port => ({ protocol: "tcp", number, state: "open", reason: "syn-ack", service: { ...service, product: "x".repeat(180) } });
  const service = { name: "http", method: "probed" as const, confidence: 10, cpe: [] };
  const large = exampleHost("192.0.2.2", { ports: Array.from({ length: 100 }, (_, number) => port(number + 1)) });
  for (let cutAt = 0; cutAt < 12; cutAt++) {
    const path = await folderFor(t);
    let spool = await openSpool(path);
    const folder = await spool.add(exampleJob, 1);
    await folder.writeParts(1, [exampleHost("192.0.2.1"), large]);
    await folder.writeCompletion(exampleEnd);
    const results = new ResultsInMemory();
    const send = results.sendPart;
    let requests = 0;
    results.sendPart = async (...given) => {
      if (given[2].content.length > 9000) throw new OutriderError("path-upload-limit");
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
    t.like(results.completion, { state: "completed", lost: [] }, `cut at ${cutAt}`);
    const pieces = [...results.parts.values()].flatMap(({ hosts }) => hosts).filter(({ address }) => address === large.address);
    t.true(pieces.length >= 4 && pieces.every(({ partial }) => partial === true));
    t.deepEqual(
      pieces.flatMap(({ ports }) => ports.map(({ number }) => number)).sort((a, b) => a - b),
      large.ports.map(({ number }) => number),
      `cut at ${cutAt}`,
    );
  }
});

test("a host that the platform itself never takes is told as lost, and the job ends", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.1"), wide("192.0.2.2", 12_000)]);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  results.fault = (_, content) => (content.length > 9000 ? new OutriderError("too-large") : null);
  await uploader(spool, results).sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.1"]);
  t.is(results.completion?.state, "incomplete");
  t.is(results.completion?.lost.length, 1);
});

test("a result of more than ten thousand parts is completed, also when its receipts are asked for page by page", async (t) => {
  const files = memoryFiles();
  const spool = await openSpool("/spool", { files, limitBytes: 1e10 });
  const folder = await spool.add(exampleJob, 1);
  const count = 10_400;
  for (let shard = 0; shard < count; shard++) await folder.writeParts(shard, [exampleHost(`192.0.2.${shard % 250}`)]);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  // The receipts of the last ones are lost, and their files are damaged: the platform is asked which it has.
  results.fault = (number) => (number >= count - 3 ? new OutriderError("service-silent") : null);
  await t.throwsAsync(uploader(spool, results).sendAll(never));
  for (const part of folder.shelf.waiting()) {
    const read = await folder.shelf.read(part);
    results.fault = null;
    if (read) await results.sendPart(folder, part.number, read, never);
    await files.write(join(folder.path, "parts", `${part.number}-${part.shard}-${part.piece}`), "damaged");
  }
  await uploader(spool, results).sendAll(never);
  t.like(results.completion, { state: "completed", partCount: count, lost: [] });
});

test("when the spool is full, notes of progress go first, results wait for room, and no result is given up", async (t) => {
  const spool = await openSpool("/spool", { files: memoryFiles(), limitBytes: 120_000 });
  const folder = await spool.add(exampleJob, 1);
  for (let percent = 0; percent < 60; percent++) await folder.note({ at: percent, percent, hostsFound: 0 });
  const notesBefore = (await folder.notes()).length;
  for (const shard of [1, 2, 3, 4]) await folder.writeParts(shard, [wide(`192.0.2.${shard}`, 12_000), wide(`192.0.3.${shard}`, 12_000)]);
  const notes = await folder.notes();
  t.true(notes.length < notesBefore, "notes gave way");
  t.is(notes.at(-1)?.percent, 59, "the oldest ones");
  let written = false;
  const waiting = folder.writeParts(5, [wide("192.0.2.5", 12_000), wide("192.0.3.5", 12_000)]).then(() => {
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
  for (const shard of [1, 2, 3, 4]) await other.writeParts(shard, [wide(`192.0.2.${shard}`, 12_000)]);
  const acknowledged: string[] = [];
  const desk = new JobDesk({
    ...{ spool, clock: new FakeClock(), log: silentLog, scanFolder: await folderFor(t) },
    configd: new FakeConfigd({ folder: await folderFor(t), environment: {} }),
    device: () => null,
    exclusions: () => [],
    acknowledge: async ({ job }) => void acknowledged.push(job.id),
    changed: () => undefined,
    upload: () => undefined,
  });
  const list = { jobs: [exampleJob, other.job], stop: [] };
  const error = await t.throwsAsync(desk.take(list, never), { instanceOf: OutriderError });
  t.is(error?.code, "spool-full");
  t.deepEqual(acknowledged, [other.job.id], "the job that is there goes on");
  await uploader(spool, new ResultsInMemory()).sendAll(never);
  await desk.take(list, never);
  t.deepEqual(acknowledged, [other.job.id, exampleJob.id]);
});

test("results that are here are sent although the platform has given the job out anew meanwhile", async (t) => {
  const spool = await openSpool("/spool", { files: memoryFiles() });
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.1")]);
  await folder.writeCompletion(exampleEnd);
  const desk = new JobDesk({
    ...{ spool, clock: new FakeClock(), log: silentLog, scanFolder: await folderFor(t) },
    configd: new FakeConfigd({ folder: await folderFor(t), environment: {} }),
    device: () => null,
    exclusions: () => [],
    acknowledge: async () => undefined,
    changed: () => undefined,
    upload: () => undefined,
  });
  const stop = new AbortController();
  void desk.run(stop.signal);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await desk.take({ jobs: [{ ...exampleJob, attempt: 2 }], stop: [] }, never);
  stop.abort();
  t.deepEqual(
    spool.jobs().map(({ job }) => job.attempt),
    [1],
  );
});

test("after a week without a platform everything goes up, and meanwhile it is asked for at most every ten minutes", async (t) => {
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

test("a note that lost its slices' record is sent whole again, and no host is missing", async (t) => {
  const path = await folderFor(t);
  const spool = await openSpool(path);
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(
    1,
    Array.from({ length: 4 }, (_, index) => wide(`192.0.2.${index + 1}`, 10_000)),
  );
  const results = new ResultsInMemory();
  results.fault = (_, content) => (content.length > 25_000 ? new OutriderError("path-upload-limit") : null);
  const [whole] = folder.shelf.waiting();
  if (!whole) return t.fail();
  await folder.shelf.halve(whole, { hosts: 4, ports: 0 });
  const [half] = folder.shelf.waiting();
  const content = half && (await folder.shelf.read(half));
  if (!half || !content) return t.fail();
  await folder.shelf.accept(half, await results.sendPart(folder, half.number, content, never));
  await writeFile(join(folder.path, "slices", "0.json"), "cut");
  const reopened = await openSpool(path);
  await reopened.find(exampleJob)?.writeCompletion(exampleEnd);
  await uploader(reopened, results).sendAll(never);
  t.deepEqual([...new Set(results.addresses)], ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
  t.like(results.completion, { state: "completed" });
});
