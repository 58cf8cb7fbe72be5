import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { Uploader } from "../../src/agent/scan-jobs/uploader.ts";
import { PlatformAnswer } from "../../src/agent/session/reply-errors.ts";
import { readChecked, writeChecked } from "../../src/agent/spool/checked-file.ts";
import { diskFiles } from "../../src/agent/spool/files.ts";
import type { JobFolder } from "../../src/agent/spool/job-folder.ts";
import type { WaitingPart } from "../../src/agent/spool/part-store.ts";
import type { Spool } from "../../src/agent/spool/spool.ts";
import { validators as agentValidators } from "../../src/agent/spool/validators.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { Job } from "../../src/protocol/schemas/jobs.ts";
import type { HostObservation } from "../../src/protocol/schemas/results.ts";
import { longestPartBytes } from "../../src/protocol/schemas/results.ts";
import { validators } from "../../src/protocol/validators.ts";
import { ResultsInMemory } from "../testkit/agent/results-service.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";

const job: Job = {
  id: "00000000-0000-4000-8000-000000000007",
  attempt: 1,
  createdAt: 1,
  leaseUntil: 2,
  kind: "scan",
  scan: {
    name: "test",
    targets: ["192.0.2.0/24"],
    exclusions: [],
    profile: "normal",
    ports: "top-100",
  },
};
const host = (address: string): HostObservation => ({
  address,
  hostnames: [],
  reason: "arp-response",
  ports: [],
  timedOut: false,
});
const ended = {
  state: "completed" as const,
  addressesScanned: 256,
  hostsUp: 2,
  openPorts: 0,
  startedAt: 1,
  endedAt: 2,
  engine: { name: "nmap", version: "1" },
  problems: [],
};

async function folderFor(t: ExecutionContext) {
  const path = await mkdtemp(join(tmpdir(), "outrider-spool-"));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

function uploader(spool: Spool, results: ResultsInMemory) {
  return new Uploader({
    spool,
    results,
    clock: new FakeClock(),
    random: fixedRandom(0),
    log: silentLog,
    finished: (folder) => spool.remove(folder),
    unknown: (folder) => spool.remove(folder),
    changed: () => undefined,
  });
}

const never = new AbortController().signal;

const partPath = (folder: JobFolder, part: WaitingPart | undefined) =>
  join(folder.path, "parts", `${part?.number}-${part?.shard}-${part?.piece}`);

async function filled(path: string): Promise<{ spool: Spool; folder: JobFolder }> {
  const spool = await openSpool(path);
  const folder = await spool.add(job, 5);
  await folder.writeParts(1, [host("192.0.2.1"), host("192.0.2.2")]);
  await folder.writeParts(2, [host("192.0.2.3")]);
  await folder.writeParts(3, []);
  await folder.writeCompletion(ended);
  return { spool, folder };
}

test("parts leave the spool only against their receipts, and the completion comes last", async (t) => {
  const { spool, folder } = await filled(await folderFor(t));
  const results = new ResultsInMemory();
  results.fault = (number) => (number >= 1 ? new OutriderError("service-silent") : null);
  await t.throwsAsync(uploader(spool, results).sendAll(never), { message: /took the request/ });
  t.deepEqual(
    folder.parts.waiting().map(({ number }) => number),
    [1, 2],
  );
  t.is(results.completion, null);
  results.fault = null;
  await uploader(spool, results).sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
  t.like(results.completion, { state: "completed", problems: [] });
  t.deepEqual(spool.jobs(), []);
});

test("a receipt for other bytes does not count", async (t) => {
  const { spool, folder } = await filled(await folderFor(t));
  const results = new ResultsInMemory();
  const send = results.sendPart;
  results.sendPart = async (...given) => ({ ...(await send(...given)), sha256: "0".repeat(64) });
  await t.throwsAsync(uploader(spool, results).sendAll(never), {
    message: /receipt is not for part 0/,
  });
  t.is(folder.parts.waiting().length, 3);
});

test("a shard's result is written once, whatever is written for it again", async (t) => {
  const path = await folderFor(t);
  const { folder } = await filled(path);
  const before = (await readdir(join(folder.path, "parts"))).sort();
  await folder.writeParts(2, [host("192.0.2.3"), host("192.0.2.4")]);
  t.deepEqual((await readdir(join(folder.path, "parts"))).sort(), before);
  const reopened = (await openSpool(path)).find(job);
  await reopened?.writeParts(4, [host("192.0.2.9")]);
  t.deepEqual(
    reopened?.parts.waiting()?.map(({ number, shard }) => [number, shard]),
    [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ],
  );
});

test("a large result becomes several parts", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(job, 5);
  const wide = Array.from({ length: 200 }, (_, index) => ({
    ...host(`192.0.2.${index}`),
    hostnames: Array.from({ length: 50 }, () => "x".repeat(255)),
  }));
  await folder.writeParts(1, wide);
  const parts = folder.parts.waiting();
  t.true(parts.length > 1);
  const hosts: string[] = [];
  for (const part of parts) {
    const content = (await folder.parts.read(part))?.content;
    t.true(content !== undefined && content.length < 1_100_000);
    const read = validators.ResultPart(JSON.parse(Buffer.from(content ?? []).toString("utf8")));
    if (read.valid) hosts.push(...read.value.hosts.map(({ address }) => address));
  }
  t.deepEqual(
    hosts,
    wide.map(({ address }) => address),
  );
});

test("a host that answers on every port, as a tarpit does, is uploaded in a part that the platform accepts", async (t) => {
  const service = {
    name: "tcpwrapped",
    product: "x".repeat(100),
    method: "probed" as const,
    confidence: 8,
    cpe: [],
  };
  const ports = Array.from({ length: 65_536 }, (_, number) => ({
    protocol: "tcp" as const,
    number,
    state: "open",
    reason: "syn-ack",
    service,
  }));
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(job, 1);
  await folder.writeParts(1, [
    host("192.0.2.1"),
    { ...host("192.0.2.2"), ports },
    host("192.0.2.3"),
  ]);
  const contents = await Promise.all(
    folder.parts.waiting().map(async (part) => (await folder.parts.read(part))?.content),
  );
  for (const content of contents) t.true((content?.length ?? 0) < longestPartBytes);
  const hosts = contents.flatMap(
    (content): HostObservation[] => JSON.parse(Buffer.from(content ?? []).toString("utf8")).hosts,
  );
  t.is(hosts[1]?.ports.length, 65_536);
  t.deepEqual(hosts[1]?.ports[80], {
    protocol: "tcp",
    number: 80,
    state: "open",
    reason: "syn-ack",
  });
});

test("a wrong byte in a part loses only that part, and the platform gets a report", async (t) => {
  const { spool, folder } = await filled(await folderFor(t));
  const [, second] = folder.parts.waiting();
  const bytes = await readFile(partPath(folder, second));
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  await writeFile(partPath(folder, second), bytes);
  const results = new ResultsInMemory();
  await uploader(spool, results).sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.2"]);
  t.like(results.completion, { state: "incomplete", problems: [{ code: "storage-damaged" }] });
});

test("a damaged part that the platform has already is not lost", async (t) => {
  const path = await folderFor(t);
  const { spool, folder } = await filled(path);
  const results = new ResultsInMemory();
  const [first] = folder.parts.waiting();
  if (!first) return t.fail();
  const read = await folder.parts.read(first);
  if (!read) return t.fail();
  await results.sendPart(folder, 0, read, never);
  await truncate(partPath(folder, first), 10);
  await uploader(spool, results).sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
  t.like(results.completion, { state: "completed" });
});

test("parts that the platform lost after its receipt are reported as lost, and the job ends", async (t) => {
  const { spool } = await filled(await folderFor(t));
  const results = new ResultsInMemory();
  results.fault = (number) => (number === 2 ? new OutriderError("service-silent") : null);
  await t.throwsAsync(uploader(spool, results).sendAll(never));
  results.parts.delete(0);
  results.fault = null;
  await t.throwsAsync(uploader(spool, results).sendAll(never), {
    message: /not received all parts/,
  });
  await uploader(spool, results).sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.3"]);
  t.like(results.completion, { state: "incomplete", problems: [{ code: "storage-damaged" }] });
});

test("a job that the platform refuses does not keep others in the spool", async (t) => {
  const { spool } = await filled(await folderFor(t));
  const other = await spool.add({ ...job, id: "00000000-0000-4000-8000-000000000008" }, 6);
  await other.writeParts(1, [host("192.0.2.9")]);
  const sent: string[] = [];
  const results = new ResultsInMemory();
  const send = results.sendPart;
  results.sendPart = async (folder, ...rest) => {
    sent.push(folder.job.id);
    if (folder.job.id === job.id) throw new PlatformAnswer("request-invalid");
    return { ...(await send(folder, ...rest)), jobId: folder.job.id };
  };
  await t.throwsAsync(uploader(spool, results).sendAll(never), { message: /not understood/ });
  t.deepEqual(sent, [job.id, other.job.id]);
  t.deepEqual(other.parts.waiting(), []);
});

test("after any one file was cut or changed, the job still ends, and at most one part is reported as lost", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.nat(),
      fc.boolean(),
      fc.integer({ min: 0, max: 2 }),
      async (which, where, cut, sentBefore) => {
        const path = await mkdtemp(join(tmpdir(), "outrider-spool-"));
        try {
          const { spool } = await filled(path);
          const results = new ResultsInMemory();
          results.fault = (number) =>
            number >= sentBefore ? new OutriderError("service-silent") : null;
          await uploader(spool, results)
            .sendAll(never)
            .catch(() => undefined);
          results.fault = null;
          const files = (await readdir(path, { recursive: true, withFileTypes: true }))
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name));
          const file = files.sort()[which % Math.max(1, files.length)];
          if (file === undefined) return;
          const bytes = await readFile(file);
          const at = where % Math.max(1, bytes.length);
          if (cut) await truncate(file, at);
          else if (bytes.length > 0) {
            bytes[at] = (bytes[at] ?? 0) ^ 0x21;
            await writeFile(file, bytes);
          }
          const reopened = await openSpool(path);
          const after = reopened.find(job);
          // With the job itself unreadable nothing is left of it: the platform gives it out again.
          if (!after) {
            t.true(file.endsWith("job.json"), file);
            return;
          }
          if (!(await after.completion())) await after.writeCompletion(ended);
          await uploader(reopened, results).sendAll(never);
          const missing = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].filter(
            (address) => !results.addresses.includes(address),
          );
          t.true(missing.length <= 2);
          t.true(
            results.completion !== null &&
              (missing.length === 0 || results.completion.state === "incomplete"),
          );
          t.is(new Set(results.addresses).size, results.addresses.length, "nothing twice");
        } finally {
          await rm(path, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("a stored file with any wrong byte is noticed", async (t) => {
  const path = join(await folderFor(t), "scan.json");
  const scan = {
    name: "x",
    endedAt: 1,
    state: "completed",
    hostsUp: 1,
    openPorts: 2,
    uploaded: true,
  };
  await writeChecked(diskFiles(), path, scan);
  t.deepEqual(await readChecked(diskFiles(), path, agentValidators.LastScan), {
    kind: "value",
    value: scan,
  });
  const whole = await readFile(path);
  for (let at = 0; at < whole.length - 1; at++) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 4;
    await writeFile(path, bytes);
    t.deepEqual(await readChecked(diskFiles(), path, agentValidators.LastScan), {
      kind: "damaged",
    });
  }
});

test("a job that was removed half-way is gone after the next start", async (t) => {
  const path = await folderFor(t);
  await filled(path);
  const { rename } = await import("node:fs/promises");
  await rename(join(path, "jobs", `${job.id}-1`), join(path, "jobs", `.removed-${job.id}-1`));
  t.deepEqual((await openSpool(path)).jobs(), []);
  t.deepEqual(await readdir(join(path, "jobs")), []);
});
