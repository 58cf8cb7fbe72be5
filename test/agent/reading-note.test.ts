import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { ShardRunner } from "../../src/agent/scan-jobs/shard-runner.ts";
import { diskFiles } from "../../src/agent/spool/files.ts";
import { JobFolder } from "../../src/agent/spool/job-folder.ts";
import { PartCipher } from "../../src/agent/spool/part-cipher.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { Job } from "../../src/protocol/schemas/jobs.ts";
import type { PlannedShard } from "../../src/scan/engine.ts";
import { engines } from "../../src/scan/engines/engines.ts";
import { shardFiles } from "../../src/scan/files.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import { shardPlan } from "../../src/scan/plan.ts";
import { processReader } from "../testkit/scan/output-reader.ts";

const never = new AbortController().signal;
const job: Job = {
  id: "00000000-0000-4000-8000-000000000015",
  attempt: 1,
  createdAt: 1,
  leaseUntil: 2,
  kind: "scan",
  scan: { name: "x", targets: ["192.0.2.1"], exclusions: [], profile: "normal", ports: "top-100" },
};
const planned: PlannedShard = {
  shard: 4,
  phase: "discover",
  targets: ["192.0.2.1"],
  addresses: 1,
};
const spool = {
  files: diskFiles(),
  cipher: new PartCipher(new Uint8Array(32), systemRandom),
  room: async () => undefined,
};

/** A job with a shard whose engine has ended. */
async function setUp(t: ExecutionContext) {
  const root = await mkdtemp(join(tmpdir(), "outrider-note-"));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const path = join(root, "job");
  const scanFolder = join(root, "scan");
  const files = shardFiles(join(scanFolder, job.id), planned.shard, nmap);
  await mkdir(join(scanFolder, job.id), { recursive: true });
  await JobFolder.create(path, { receivedAt: 1, job }, spool);
  const place = { jobId: job.id, attempt: 1, tryNumber: 1, scan: job.scan };
  const plan = shardPlan(nmap, planned, { ...place, device: null, sharing: 1 });
  await writeFile(files.plan, JSON.stringify(plan));
  const done = { version: 1, attempt: 1, tryNumber: 1, exitCode: 0, signal: null };
  await writeFile(files.done, JSON.stringify({ ...done, startedAt: 1, endedAt: 2, errorTail: "" }));
  await writeFile(
    files.output,
    '<nmaprun version="7"><host><status state="up"/><address addr="192.0.2.1" addrtype="ipv4"/></host><runstats><finished exit="success"/><hosts up="1" down="0" total="1"/></runstats></nmaprun>',
  );
  const folder = async () => {
    const opened = await JobFolder.open(path, spool);
    if (!opened) throw new Error("there is no job");
    return opened;
  };
  /** Runs the shard in an agent that dies while it reads. */
  const die = () => {
    const program = fileURLToPath(new URL("../testkit/scan/dies-reading.ts", import.meta.url));
    const { signal } = spawnSync(
      process.execPath,
      [program, scanFolder, path, JSON.stringify(planned)],
      { stdio: "inherit" },
    );
    t.is(signal, "SIGKILL");
  };
  const run = async () => {
    const runner = new ShardRunner({
      configd: { call: () => Promise.reject(new Error("nothing is to be started")) },
      clock: systemClock,
      log: silentLog,
      scanFolder,
      engines,
      reader: processReader(),
      readings: await folder(),
    });
    return await runner.run(job, planned, { device: null, sharing: 1 }, never);
  };
  return { folder, die, run };
}

test("an agent that was killed once while it read an output reads it again, and nothing is lost", async (t) => {
  const { die, run } = await setUp(t);
  die();
  t.like(await run(), { accepted: true, hosts: [{ address: "192.0.2.1" }] });
});

test("an output over which the agent ended twice is not read again: its shard is divided, or fails with that", async (t) => {
  const { die, run } = await setUp(t);
  die();
  die();
  t.like(await run(), {
    accepted: false,
    tooMuch: true,
    ended: true,
    hosts: [],
    reason: "the agent was ended twice while it read the output; it is not read again",
  });
});

test("a reading that came to its end, or another try's, counts for nothing", async (t) => {
  const { folder } = await setUp(t);
  const first = await folder();
  t.is(await first.beginReading(4, 1), 0);
  t.is(await (await folder()).beginReading(4, 1), 1);
  t.is(await first.beginReading(5, 1), 0);
  t.is(await first.beginReading(4, 2), 0);
  await t.throwsAsync(first.untilRead(4, Promise.reject(new Error("stopped"))));
  t.is(await first.beginReading(4, 2), 0);
  t.is(await first.untilRead(9, Promise.resolve(1)), 1);
});
