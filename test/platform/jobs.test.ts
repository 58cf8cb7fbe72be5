import { once } from "node:events";
import test from "ava";
import type { TestAppliance } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { PageSession } from "../testkit/platform/page-session.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

/**
 * The end must not wait for a held request (50 s), a silent connection (60 s) or a live stream (for
 * ever); each takes longer than this.
 */
const longestEndMs = 15_000;

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(() => platform.remove());

async function enrol(from: TestPlatform = platform): Promise<TestAppliance> {
  return enrolAt(from);
}

/** The requests are held for 50 s. */
const soonMs = 40_000;
/** Returns the value, and fails unless it came long before a held request times out. */
async function released<T>(value: Promise<T>): Promise<T> {
  const started = performance.now();
  const got = await value;
  if (performance.now() - started > soonMs) throw new Error("came only when its time was up");
  return got;
}

test("a scan goes the whole way: waiting, given out, running with its progress", async (t) => {
  const appliance = await enrol();
  const scan = await platform.api.startScan({
    applianceId: appliance.id,
    targets: ["192.0.2.77/24", "192.0.2.10"],
    exclusions: ["192.0.2.1"],
  });
  t.like(scan, {
    state: "waiting",
    attempt: 1,
    addressCount: 255,
    targets: ["192.0.2.0/24", "192.0.2.10"],
  });
  const { jobs, version } = await appliance.jobs();
  t.is((await appliance.beat()).versions.jobs, version, "the heartbeat names the same version");
  t.like(jobs[0], {
    id: scan.id,
    attempt: 1,
    kind: "scan",
    scan: { name: "Test scan", exclusions: ["192.0.2.1"], ports: "top-100" },
  });
  t.is((await platform.api.scan(scan.id)).state, "given-out");
  await appliance.acknowledge({ id: scan.id, attempt: 1 });
  t.is((await platform.api.scan(scan.id)).state, "running");
  await appliance.beat({
    jobs: [{ jobId: scan.id, attempt: 1, state: "running", percent: 42, hostsFound: 3 }],
  });
  t.like(await platform.api.scan(scan.id), { state: "running", percent: 42 });
  t.is((await appliance.jobs()).version, version, "nothing of that changes the list");
});

test("an acknowledgement may come twice; one for a strange job or attempt is refused", async (t) => {
  const appliance = await enrol();
  const scan = await platform.api.startScan({ applianceId: appliance.id, targets: ["192.0.2.1"] });
  await appliance.jobs();
  await appliance.acknowledge({ id: scan.id, attempt: 1 });
  await t.notThrowsAsync(appliance.acknowledge({ id: scan.id, attempt: 1 }));
  await t.throwsAsync(appliance.acknowledge({ id: scan.id, attempt: 2 }), { message: /404/ });
  const other = await enrol();
  await t.throwsAsync(other.acknowledge({ id: scan.id, attempt: 1 }), { message: /404/ });
  t.is((await other.jobs()).jobs.length, 0);
});

test("a held request is released by a new job", async (t) => {
  const appliance = await enrol();
  const { version } = await appliance.jobs();
  const held = appliance.jobs({ after: version, wait: 50 });
  await platform.api.startScan({ applianceId: appliance.id, targets: ["192.0.2.1"] });
  const list = await released(held);
  t.is(list.jobs.length, 1);
  t.true(list.version > version);
});

test("a held request is released by a stop", async (t) => {
  const appliance = await enrol();
  const scan = await platform.api.startScan({ applianceId: appliance.id, targets: ["192.0.2.1"] });
  const { version } = await appliance.jobs();
  await appliance.acknowledge({ id: scan.id, attempt: 1 });
  const held = appliance.jobs({ after: version, wait: 50 });
  t.is((await platform.api.stopScan(scan.id)).state, "stopping");
  const list = await released(held);
  t.deepEqual(list.stop, [scan.id]);
});

test("a held request is answered at once when its list has changed since, and when it does not want to wait", async (t) => {
  const appliance = await enrol();
  const { version } = await appliance.jobs();
  await platform.api.startScan({ applianceId: appliance.id, targets: ["192.0.2.1"] });
  t.true((await released(appliance.jobs({ after: version, wait: 50 }))).version > version);
  t.is((await released(appliance.jobs({ after: version + 1 }))).version, version + 1);
});

test("a held request ends with its time", async (t) => {
  const appliance = await enrol();
  const { version } = await appliance.jobs();
  t.is((await appliance.jobs({ after: version, wait: 1 })).version, version);
});

test("a newer held request releases the older one", async (t) => {
  const appliance = await enrol();
  const { version } = await appliance.jobs();
  const older = appliance.jobs({ after: version, wait: 50 });
  // Whichever of the two comes first on the wire is the older one; the other is released by a scan.
  const newer = appliance.jobs({ after: version, wait: 50 });
  t.is((await released(Promise.race([older, newer]))).version, version);
  await platform.api.startScan({ applianceId: appliance.id, targets: ["192.0.2.1"] });
  const versions = (await released(Promise.all([older, newer]))).map((list) => list.version);
  t.deepEqual(
    [...versions].sort((a, b) => a - b),
    [version, version + 1],
  );
});

test("another appliance's news does not release a held request", async (t) => {
  const [appliance, other] = [await enrol(), await enrol()];
  const { version } = await appliance.jobs();
  const held = appliance.jobs({ after: version, wait: 2 });
  await platform.api.startScan({ applianceId: other.id, targets: ["192.0.2.1"] });
  await other.beat();
  t.is((await held).version, version);
});

test("a scan that no appliance took is stopped by the platform at once, an acknowledged one by the appliance", async (t) => {
  const appliance = await enrol();
  const untaken = await platform.api.startScan({
    applianceId: appliance.id,
    targets: ["192.0.2.1"],
  });
  t.is((await platform.api.stopScan(untaken.id)).state, "stopped");
  const taken = await platform.api.startScan({ applianceId: appliance.id, targets: ["192.0.2.1"] });
  await appliance.jobs();
  await appliance.acknowledge({ id: taken.id, attempt: 1 });
  t.is((await platform.api.stopScan(taken.id)).state, "stopping");
  await appliance.complete({ id: taken.id, attempt: 1 }, [], { state: "stopped" });
  t.is((await platform.api.scan(taken.id)).state, "stopped");
  t.deepEqual((await appliance.jobs()).stop, []);
});

test("revoking an appliance ends its scans", async (t) => {
  const appliance = await enrol();
  const scan = await platform.api.startScan({ applianceId: appliance.id, targets: ["192.0.2.1"] });
  t.is((await platform.api.revoke(appliance.id)).state, "revoked");
  t.is((await platform.api.scan(scan.id)).state, "stopped");
});

test("the end of the platform releases held requests, signed, and does not wait for their time", async (t) => {
  const ending = await startPlatform();
  t.teardown(() => ending.remove());
  const appliance = await enrol(ending);
  const { version } = await appliance.jobs();
  const held = appliance.call("jobs", "GET", `/jobs?after=${version}&wait=50`);
  // The heartbeat comes after the held request on a connection of its own: when it is answered, the
  // other one is being held.
  await appliance.beat();
  const stopped = ending.stop();
  const answer = await released(held);
  t.true(answer.verification.ok);
  t.like(answer.body, { version });
  const { exitCode, tookMs } = await stopped;
  t.is(exitCode, 0);
  t.true(tookMs < longestEndMs, `took ${tookMs} ms`);
});

test("a live stream of the page does not hold up the end of the platform", async (t) => {
  const ending = await startPlatform();
  t.teardown(() => ending.remove());
  const { cookie } = await PageSession.logIn(ending);
  const stream = await ending.dispatcher.request({
    origin: ending.url,
    method: "GET",
    path: "/live",
    headers: { cookie },
  });
  t.is(stream.statusCode, 200);
  const ended = once(stream.body.resume(), "end");
  const { exitCode, tookMs } = await ending.stop();
  await ended;
  t.is(exitCode, 0);
  t.true(tookMs < longestEndMs, `took ${tookMs} ms`);
});
