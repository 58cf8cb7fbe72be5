import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { diskFiles, type SpoolFiles } from "../../src/agent/spool/files.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { ResultsInMemory } from "../testkit/agent/results-service.ts";
import { exampleEnd, exampleHost, exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { memoryFiles, unreadableFiles } from "../testkit/agent/spool-files.ts";
import { command } from "./command-lives.ts";
import { folderFor, never, uploader } from "./spool-uploads.ts";

const jobFolder = `/spool/jobs/${exampleJob.id}-1`;
const taken = command("reboot");

/**
 * A spool with something of each kind in it: part 0 of two hosts goes up in slices, part 1 has one
 * host.
 */
async function filled() {
  const files = memoryFiles();
  const spool = await openSpool("/spool", { files });
  const folder = await spool.add(exampleJob, 1);
  const shards = [1, 2].map((shard) => ({
    shard,
    phase: "ports" as const,
    targets: [`192.0.2.${shard}`],
    addresses: 2,
  }));
  await folder.writePlan({ startedAt: 1, addresses: 2, shards: [] });
  await folder.writeShardsOf("ports", { shards });
  await folder.writeParts(1, [exampleHost("192.0.2.1"), exampleHost("192.0.2.2")]);
  await folder.writeParts(2, [exampleHost("192.0.2.3")]);
  const record = {
    outcome: "done" as const,
    reason: "",
    up: [],
    addresses: 2,
    openPorts: 0,
    timedOut: [],
    engineVersion: "1",
  };
  for (const shard of [1, 2]) await folder.writeShard({ shard, ...record });
  await folder.note({ at: 1, percent: 50, hostsFound: 1 });
  const [first] = folder.parts.waiting();
  if (first) await folder.parts.halve(first, { hosts: 2, ports: 0 });
  await folder.writeCompletion(exampleEnd);
  const { id } = exampleJob;
  await spool.commands.write({
    command: taken,
    applianceId: id,
    takenAt: 1,
    state: "started",
    startedAt: 1,
    startedIn: null,
    result: null,
  });
  await spool.writeLastScan({
    name: "x",
    endedAt: 1,
    state: "completed",
    hostsUp: 1,
    openPorts: 2,
    uploaded: true,
  });
  return files;
}

for (const [name, state, missing] of [
  ["plan.json", "completed", []],
  ["services.json", "completed", []],
  ["shards/1.json", "completed", []],
  ["notes/0.json", "completed", []],
  // The number of its second half is missed.
  ["slices/0.json", "incomplete", []],
  ["completion.json", "completed", []],
  ["parts/0-1-0", "incomplete", ["192.0.2.1", "192.0.2.2"]],
  ["parts/1-2-0", "incomplete", ["192.0.2.3"]],
] as const) {
  test(`a bad sector in a job's ${name} costs at most that part, and the job ends`, async (t) => {
    const files = unreadableFiles(await filled(), new Set([join(jobFolder, name)]));
    const spool = await openSpool("/spool", { files });
    const folder = spool.find(exampleJob);
    if (!folder) return t.fail("the job is gone");
    if (!(await folder.completion())) await folder.writeCompletion(exampleEnd);
    const results = new ResultsInMemory();
    await uploader(spool, results).sendAll(never);
    t.deepEqual(
      ["192.0.2.1", "192.0.2.2", "192.0.2.3"].filter(
        (address) => !results.addresses.includes(address),
      ),
      [...missing],
    );
    t.is(results.completion?.state, state);
  });
}

test("a part that cannot be opened for the moment is not reported as lost: it is uploaded later", async (t) => {
  const disk = await filled();
  let refusals = 1;
  const files: SpoolFiles = {
    ...disk,
    read: async (path) => {
      if (path.endsWith("parts/1-2-0") && refusals-- > 0)
        throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
      return disk.read(path);
    },
  };
  const spool = await openSpool("/spool", { files });
  const results = new ResultsInMemory();
  await t.throwsAsync(uploader(spool, results).sendAll(never), { message: "too many open files" });
  await uploader(spool, results).sendAll(never);
  t.like(results.completion, { state: "completed", lost: [] });
});

for (const name of ["job.json", "parts", "shards"]) {
  test(`a job whose ${name} cannot be read is taken again when the platform sends it again, also when its remains cannot be removed`, async (t) => {
    const disk = await filled();
    const files = unreadableFiles(disk, new Set([join(jobFolder, name)]));
    files.removeFolder = async () => {
      throw new Error("EIO");
    };
    const spool = await openSpool("/spool", { files });
    t.deepEqual(spool.jobs(), []);
    const again = await spool.add(exampleJob, 2);
    t.deepEqual(again.parts.waiting(), []);
    const reopened = await openSpool("/spool", { files: disk });
    t.deepEqual(
      reopened.jobs().map(({ receivedAt }) => receivedAt),
      [2],
    );
    t.deepEqual(
      await disk.list("/spool/jobs"),
      [`${exampleJob.id}-1`],
      "what could not be removed goes at a later start",
    );
  });
}

test("a command whose record cannot be read is known as damaged, and an unreadable last scan is not shown", async (t) => {
  const files = unreadableFiles(
    await filled(),
    new Set([`/spool/commands/${taken.id}.json`, "/spool/last-scan.json"]),
  );
  const spool = await openSpool("/spool", { files });
  t.true(spool.commands.isDamaged(taken.id));
  t.is(await spool.lastScan(), null);
});

for (const folder of ["/spool/jobs", "/spool/commands"]) {
  test(`the spool opens although ${folder} cannot be read`, async (t) => {
    const files = unreadableFiles(await filled(), new Set([folder]));
    const spool = await openSpool("/spool", { files });
    t.is(spool.jobs().length, folder === "/spool/jobs" ? 0 : 1);
    t.is(spool.commands.list().length, folder === "/spool/commands" ? 0 : 1);
  });
}

test("everything that the disk cannot read fails with one code", async (t) => {
  const path = await folderFor(t);
  await mkdir(join(path, "folder"));
  // read(2) of a folder fails as the read of a bad sector does, and so does readdir(3) of a file.
  const failures = await Promise.all(
    [diskFiles().read(join(path, "folder")), diskFiles().list(join(path, "none"))].map((reading) =>
      reading.then(
        () => null,
        (error: unknown) => (error instanceof OutriderError ? error.code : error),
      ),
    ),
  );
  t.deepEqual(failures, ["storage-damaged", "storage-damaged"]);
});
