import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { JobQueue } from "../../src/agent/scan-jobs/job-queue.ts";
import { PlatformAnswer } from "../../src/agent/session/reply-errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { Job } from "../../src/protocol/schemas/jobs.ts";
import { engines } from "../../src/scan/engines/engines.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { FakeClock } from "../testkit/clock.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { processReader } from "../testkit/scan/output-reader.ts";

const job = (attempt = 1, id = "00000000-0000-4000-8000-000000000005"): Job => ({
  id,
  attempt,
  createdAt: 1,
  leaseUntil: 2,
  kind: "scan",
  scan: {
    name: "x",
    targets: ["192.0.2.0/30"],
    exclusions: [],
    profile: "normal",
    ports: "top-100",
  },
});
const never = new AbortController().signal;

async function setUp(
  t: ExecutionContext,
  acknowledge: (spooled: boolean) => Promise<void> = async () => undefined,
  device: () => string | null = () => null,
) {
  const path = await mkdtemp(join(tmpdir(), "outrider-desk-"));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  const spool = await openSpool(join(path, "spool"));
  const configd = new FakeConfigd({ folder: join(path, "units"), environment: {} });
  const acknowledged: string[] = [];
  const clock = new FakeClock();
  const desk = new JobQueue({
    nearby: async () => [],
    engines,
    reader: processReader(),
    spool,
    configd,
    clock,
    log: silentLog,
    scanFolder: join(path, "scan"),
    device,
    exclusions: () => [],
    acknowledge: async (folder) => {
      const again = await openSpool(join(path, "spool"));
      acknowledged.push(`${folder.job.id}-${folder.job.attempt}`);
      await acknowledge(again.find(folder.job) !== undefined);
    },
    changed: () => undefined,
    upload: () => undefined,
  });
  return { spool, desk, configd, acknowledged, clock };
}

test("a job is safe on disk before it is acknowledged, and acknowledged once", async (t) => {
  const seen: boolean[] = [];
  const { desk, acknowledged } = await setUp(t, async (spooled) => void seen.push(spooled));
  await desk.take({ jobs: [job()], stop: [] }, never);
  await desk.take({ jobs: [job()], stop: [] }, never);
  t.deepEqual(seen, [true]);
  t.is(acknowledged.length, 1);
  t.like(desk.status()[0], { state: "waiting", percent: 0, name: "x" });
});

test("an acknowledgement that did not get through is sent again when the job is listed again", async (t) => {
  let failures = 1;
  const { desk, acknowledged, spool } = await setUp(t, async () => {
    if (failures-- > 0) throw new OutriderError("service-silent");
  });
  await desk.take({ jobs: [job()], stop: [] }, never);
  await desk.take({ jobs: [job()], stop: [] }, never);
  t.is(acknowledged.length, 2);
  t.is(spool.jobs().length, 1);
});

test("a new attempt takes the place of the old one, an older one never does", async (t) => {
  const { desk, spool, configd } = await setUp(t);
  await desk.take({ jobs: [job(1)], stop: [] }, never);
  await desk.take({ jobs: [job(3)], stop: [] }, never);
  await desk.take({ jobs: [job(2)], stop: [] }, never);
  t.deepEqual(
    spool.jobs().map((folder) => folder.job.attempt),
    [3],
  );
  t.true(configd.calls.some(({ name }) => name === "stopJob"));
});

test("a job that the platform does not know any more is dropped", async (t) => {
  const { desk, spool } = await setUp(t, async () => {
    throw new PlatformAnswer("attempt-outdated");
  });
  await desk.take({ jobs: [job()], stop: [] }, never);
  t.deepEqual(spool.jobs(), []);
});

test("a job that is stopped before it began ends as stopped, and is not taken again", async (t) => {
  const { desk, spool } = await setUp(t);
  await desk.take({ jobs: [job()], stop: [] }, never);
  await desk.take({ jobs: [job()], stop: [job().id] }, never);
  const stop = new AbortController();
  const running = desk.run(stop.signal);
  const [folder] = spool.jobs();
  while ((await folder?.completion()) === null)
    await new Promise((resolve) => setImmediate(resolve));
  t.is((await folder?.completion())?.state, "stopped");
  stop.abort();
  await running;
});

test("a job that the platform lists no longer is over there, and stops here", async (t) => {
  const { desk, spool } = await setUp(t);
  await desk.take({ jobs: [job()], stop: [] }, never);
  await desk.take({ jobs: [], stop: [] }, never);
  t.true(spool.jobs()[0]?.has("stopped"));
});

test("a list of the greatest length may have been cut: jobs that it does not have go on", async (t) => {
  const { desk, spool } = await setUp(t);
  await desk.take({ jobs: [job()], stop: [] }, never);
  const [mine] = spool.jobs();
  const others = Array.from({ length: 100 }, (_, index) =>
    job(1, `00000000-0000-4000-8000-${String(100 + index).padStart(12, "0")}`),
  );
  await desk.take({ jobs: others, stop: others.map(({ id }) => id) }, never);
  t.false(mine?.has("stopped"));
});

test("a list that was made before the platform had the whole result does not start that scan again", async (t) => {
  const { desk, spool } = await setUp(t);
  await desk.take({ jobs: [job()], stop: [] }, never);
  const [folder] = spool.jobs();
  if (folder) await desk.finish(folder);
  await desk.take({ jobs: [job()], stop: [] }, never);
  t.deepEqual(spool.jobs(), []);
  await desk.take({ jobs: [job(2)], stop: [] }, never);
  t.is(spool.jobs()[0]?.job.attempt, 2);
});

test("a waiting scan ends at once when an operator stops it at the console, while another one runs on", async (t) => {
  const { desk, spool } = await setUp(t);
  const [first, second] = [job(), job(1, "00000000-0000-4000-8000-000000000006")];
  await desk.take({ jobs: [first, second], stop: [] }, never);
  const stop = new AbortController();
  const running = desk.run(stop.signal);
  while (desk.status()[0]?.state !== "running")
    await new Promise((resolve) => setImmediate(resolve));
  await desk.stop([second.id]);
  t.is((await spool.find(second)?.completion())?.state, "stopped");
  t.is(desk.status().find(({ jobId }) => jobId === second.id)?.state, "uploading");
  t.is(desk.status().find(({ jobId }) => jobId === first.id)?.state, "running");
  t.is((await spool.find(first)?.completion()) ?? null, null);
  stop.abort(new Error("the test ends"));
  await running;
});

test("a job whose side has no card says since when it waits for one", async (t) => {
  let hasCard = false;
  const { desk, clock } = await setUp(t, undefined, () => {
    if (!hasCard) throw new OutriderError("scan-card-down");
    return "eth0";
  });
  await desk.take({ jobs: [job()], stop: [] }, never);
  t.is(desk.status()[0]?.waitsFor, null);
  const stop = new AbortController();
  const running = desk.run(stop.signal);
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };
  await until(() => desk.status()[0]?.waitsFor !== null);
  const since = clock.nowMs();
  const wait = { card: null, kind: "missing", from: since, until: null } as const;
  await clock.advance(30_000);
  t.deepEqual(desk.status()[0]?.waitsFor, wait);
  hasCard = true;
  await clock.advance(60_000);
  await until(() => desk.status()[0]?.waitsFor === null);
  stop.abort();
  await running;
  t.pass();
});
