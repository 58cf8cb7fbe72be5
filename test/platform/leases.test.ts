import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { openStore } from "../../src/platform/store/open.ts";
import type { Store } from "../../src/platform/store/store.ts";
import type { JobProgress } from "../../src/protocol/schemas/health.ts";
import type { ScanSpecification } from "../../src/protocol/schemas/jobs.ts";
import { completion, observation } from "../testkit/platform/appliance.ts";
import { enrolInStore, exampleBeat } from "../testkit/platform/store-appliance.ts";

/** The store alone, so that time is only a number here. */
let store: Store;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "outrider-store-"));
  store = await openStore(join(folder, "store.sqlite"));
});
test.after.always(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const lease = 900_000;
const leaseAt = (nowMs: number) => ({ nowMs, untilMs: nowMs + lease });
const specification: ScanSpecification = {
  name: "Lease",
  targets: ["192.0.2.0/24"],
  exclusions: [],
  profile: "normal",
  ports: "top-100",
};
async function applianceWithJob(): Promise<{ applianceId: string; jobId: string }> {
  const applianceId = await enrolInStore(store);
  const jobId = `job of ${applianceId}`;
  await store.jobs.add({ id: jobId, applianceId, specification, addressCount: 256 }, 0);
  return { applianceId, jobId };
}

const progress = (jobId: string, attempt: number): JobProgress => ({
  jobId,
  attempt,
  state: "running",
  percent: 10,
  hostsFound: 0,
});
const beat = async (applianceId: string, now: number, jobs: JobProgress[]) => {
  const result = await store.appliances.heartbeat(
    applianceId,
    { ...exampleBeat, jobs },
    { from: null, atMs: now, signedMs: now },
    leaseAt(now),
  );
  return result.kind === "stored" ? result.jobsVersion : null;
};
test("a lease begins when the job is given out, and giving it out again does not stretch it", async (t) => {
  const { applianceId } = await applianceWithJob();
  t.is(
    (await store.jobs.giveOut(applianceId, 1000, leaseAt(1000))).jobs[0]?.leaseUntil,
    1000 + lease,
  );
  t.is(
    (await store.jobs.giveOut(applianceId, 5000, leaseAt(5000))).jobs[0]?.leaseUntil,
    1000 + lease,
  );
});

test("a heartbeat that names the job renews its lease, one that does not lets it run out into the next attempt", async (t) => {
  const { applianceId, jobId } = await applianceWithJob();
  const { version } = await store.jobs.giveOut(applianceId, 0, leaseAt(0));
  t.is(await beat(applianceId, 800_000, [progress(jobId, 1)]), version);
  t.like(await store.jobs.find(jobId), { attempt: 1, leaseUntil: 800_000 + lease });
  t.is(await beat(applianceId, 800_000 + lease, []), version, "the last millisecond still counts");
  t.is(await beat(applianceId, 800_001 + lease, []), version + 1);
  const again = await store.jobs.giveOut(applianceId, 2_000_000, leaseAt(2_000_000));
  t.like(again.jobs[0], {
    id: jobId,
    attempt: 2,
    acknowledgedAt: null,
    leaseUntil: 2_000_000 + lease,
  });
});

test("an appliance that was away for long but still names the job keeps its attempt", async (t) => {
  const { applianceId, jobId } = await applianceWithJob();
  await store.jobs.giveOut(applianceId, 0, leaseAt(0));
  await beat(applianceId, 10 * lease, [progress(jobId, 1)]);
  t.like(await store.jobs.find(jobId), { attempt: 1, leaseUntil: 11 * lease });
});

test("uploads and acknowledgements renew the lease too", async (t) => {
  const { applianceId, jobId } = await applianceWithJob();
  await store.jobs.giveOut(applianceId, 0, leaseAt(0));
  t.deepEqual(
    await store.jobs.acknowledge(applianceId, { jobId, attempt: 1, takenAt: 0 }, 100, leaseAt(100)),
    {
      kind: "acknowledged",
      leaseUntil: 100 + lease,
    },
  );
  await store.results.addPart(
    applianceId,
    { jobId, attempt: 1, number: 0, sha256: "a", hosts: [] },
    200,
    leaseAt(200),
  );
  t.is((await store.jobs.find(jobId))?.leaseUntil, 200 + lease);
});

test("late parts of an older attempt get their receipts but are not counted twice", async (t) => {
  const { applianceId, jobId } = await applianceWithJob();
  await store.jobs.giveOut(applianceId, 0, leaseAt(0));
  const part = (attempt: number, number: number, address: string) => ({
    jobId,
    attempt,
    number,
    sha256: `${number}`,
    hosts: [observation(address)],
  });
  await store.results.addPart(applianceId, part(1, 0, "192.0.2.1"), 100, leaseAt(100));
  await beat(applianceId, 10 * lease, []);
  await store.jobs.giveOut(applianceId, 10 * lease, leaseAt(10 * lease));
  t.is((await store.jobs.find(jobId))?.attempt, 2);
  t.like(
    await store.results.addPart(
      applianceId,
      part(1, 1, "192.0.2.2"),
      10 * lease,
      leaseAt(10 * lease),
    ),
    {
      kind: "stored",
    },
  );
  t.is(
    (await store.results.counts([jobId])).get(jobId),
    undefined,
    "nothing of the second attempt is there yet",
  );
  await store.results.addPart(
    applianceId,
    part(2, 0, "192.0.2.1"),
    10 * lease,
    leaseAt(10 * lease),
  );
  t.like(await store.results.complete(applianceId, jobId, 2, completion(["0"]), 10 * lease), {
    kind: "completed",
  });
  t.deepEqual((await store.results.counts([jobId])).get(jobId), { hosts: 1, openPorts: 1 });
  t.like(await store.results.complete(applianceId, jobId, 1, completion(["0", "1"]), 11 * lease), {
    kind: "completed",
    receivedAt: 10 * lease,
  });
  t.like(await store.jobs.find(jobId), { completedAttempt: 2, endState: "completed" });
});

test("an older attempt that was finished all the same counts when it comes first", async (t) => {
  const { applianceId, jobId } = await applianceWithJob();
  await store.jobs.giveOut(applianceId, 0, leaseAt(0));
  await store.results.addPart(
    applianceId,
    { jobId, attempt: 1, number: 0, sha256: "0", hosts: [observation("192.0.2.1")] },
    100,
    leaseAt(100),
  );
  await beat(applianceId, 10 * lease, []);
  t.like(await store.results.complete(applianceId, jobId, 1, completion(["0"]), 10 * lease), {
    kind: "completed",
  });
  t.deepEqual((await store.results.counts([jobId])).get(jobId), { hosts: 1, openPorts: 1 });
  t.deepEqual((await store.jobs.giveOut(applianceId, 10 * lease, leaseAt(10 * lease))).jobs, []);
});

test("an acknowledgement of an older attempt is refused", async (t) => {
  const { applianceId, jobId } = await applianceWithJob();
  await store.jobs.giveOut(applianceId, 0, leaseAt(0));
  await beat(applianceId, 10 * lease, []);
  t.deepEqual(
    await store.jobs.acknowledge(
      applianceId,
      { jobId, attempt: 1, takenAt: 0 },
      10 * lease,
      leaseAt(10 * lease),
    ),
    {
      kind: "attempt-outdated",
    },
  );
});

test("a job that shall stop and is not heard of ends with its lease", async (t) => {
  const { applianceId, jobId } = await applianceWithJob();
  await store.jobs.giveOut(applianceId, 0, leaseAt(0));
  t.true(await store.jobs.requestStop(jobId, 100, leaseAt(100)));
  const list = await store.jobs.giveOut(applianceId, 200, leaseAt(200));
  t.deepEqual([list.jobs, list.stop], [[], [jobId]], "what was not acknowledged need not be begun");
  await store.jobs.giveOut(applianceId, lease + 1, leaseAt(lease + 1));
  t.like(await store.jobs.find(jobId), { endState: "stopped", attempt: 1 });
});

test("nonces are forgotten when their time is over, not before", async (t) => {
  const { applianceId } = await applianceWithJob();
  const contact = (nonce: string, now: number) =>
    store.appliances.contact(applianceId, nonce, now, now + 300_000, "192.0.2.1", null);
  t.is(await contact("first", 0), "accepted");
  t.is(await contact("first", 299_999), "replayed");
  t.is(await contact("first", 300_001), "accepted", "by then the request's own time refuses it");
  t.like(await store.appliances.find(applianceId), {
    lastContactAt: 300_001,
    seenFrom: "192.0.2.1",
  });
});
