import test, { type ExecutionContext } from "ava";
import type { Heartbeat } from "../../src/protocol/schemas/health.ts";
import { observation, type TestAppliance } from "../testkit/platform/appliance.ts";
import { backUp, restore } from "../testkit/platform/backup.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

interface Scene {
  platform: TestPlatform;
  appliance: TestAppliance;
  id: string;
}

let shared: TestPlatform;
test.before(async () => {
  shared = await startPlatform();
});
test.after.always(() => shared?.remove());

/** A platform of its own, for a test that sets it back. */
async function ownPlatform(t: ExecutionContext): Promise<TestPlatform> {
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  return platform;
}

async function withScan(platform = shared): Promise<Scene> {
  const appliance = await enrolAt(platform);
  const { id } = await platform.api.startScan({
    applianceId: appliance.id,
    targets: ["192.0.2.0/24"],
  });
  await appliance.jobs();
  return { platform, appliance, id };
}

async function restored({ platform, appliance }: Scene): Promise<void> {
  await restore(platform);
  appliance.dispatcher = platform.dispatcher;
}

const hosts = [10, 11, 12].map((last) => observation(`192.0.2.${last}`));

/** Uploads parts from `first` on, and completes the scan. */
async function finish({ appliance, id }: Scene, attempt: number, sent: readonly string[]) {
  const digests = [...sent];
  for (const host of hosts.slice(sent.length))
    digests.push((await appliance.upload({ id, attempt }, digests.length, [host])).sha256);
  await appliance.complete({ id, attempt }, digests);
}

const running = (jobId: string, attempt = 1): Pick<Heartbeat, "jobs"> => ({
  jobs: [{ jobId, attempt, state: "running", percent: 10, hostsFound: 0 }],
});

test("a scan whose result came after the backup is given out again after two heartbeats, and counts once", async (t) => {
  const scene = await withScan(await ownPlatform(t));
  const { platform, appliance, id } = scene;
  await appliance.acknowledge({ id, attempt: 1 });
  await appliance.beat(running(id));
  const { sha256 } = await appliance.upload({ id, attempt: 1 }, 0, hosts.slice(0, 1));
  backUp(platform);
  await finish(scene, 1, [sha256]);
  t.like(await platform.api.scan(id), { state: "completed", hostCount: 3 });
  await restored(scene);
  t.like(await platform.api.scan(id), { state: "running", attempt: 1, hostCount: 1 });
  const { versions } = await appliance.beat();
  t.like(
    await platform.api.scan(id),
    { attempt: 1 },
    "one may have been sent before it had the job",
  );
  t.not((await appliance.beat()).versions.jobs, versions.jobs);
  t.like((await appliance.jobs()).jobs, [{ id, attempt: 2 }]);
  await appliance.acknowledge({ id, attempt: 2 });
  await appliance.beat(running(id, 2));
  await finish(scene, 2, []);
  t.like(await platform.api.scan(id), { state: "completed", attempt: 2, hostCount: 3 });
  t.is((await platform.api.results(id)).length, 3);
});

test("an appliance that takes the same attempt anew gets the next one, so that no part stands for two", async (t) => {
  const scene = await withScan(await ownPlatform(t));
  const { platform, appliance, id } = scene;
  const takes = (attempt: number, receivedAt: number) =>
    appliance.call("jobs", "POST", `/jobs/${id}/attempts/${attempt}/acknowledgement`, {
      receivedAt,
    });
  t.is((await takes(1, 1000)).status, 200);
  const { sha256 } = await appliance.upload({ id, attempt: 1 }, 0, hosts.slice(0, 1));
  t.is((await takes(1, 1000)).status, 200, "the answer may have been lost");
  backUp(platform);
  await finish(scene, 1, [sha256]);
  await restored(scene);
  t.like((await appliance.jobs()).jobs, [{ id, attempt: 1 }]);
  const again = await takes(1, 2000);
  t.like(again.body, { error: { code: "attempt-outdated" } });
  t.is(again.kind, "answer");
  t.like((await appliance.jobs()).jobs, [{ id, attempt: 2 }]);
  t.is((await takes(2, 3000)).status, 200);
  await finish(scene, 2, []);
  t.like(await platform.api.scan(id), { state: "completed", hostCount: 3 });
});

test("a stop of a scan that the appliance does not have any more ends it after two heartbeats", async (t) => {
  const scene = await withScan();
  const { platform, appliance, id } = scene;
  await appliance.acknowledge({ id, attempt: 1 });
  await platform.api.stopScan(id);
  await appliance.beat();
  t.like(await platform.api.scan(id), { state: "stopping" });
  await appliance.beat();
  t.like(await platform.api.scan(id), { state: "stopped", attempt: 1 });
});

test("a job of a list whose answer was lost is given out again after two heartbeats, as the attempt that nobody began", async (t) => {
  const { platform, appliance, id } = await withScan();
  const { versions } = await appliance.beat();
  t.not((await appliance.beat()).versions.jobs, versions.jobs, "it is told to ask again");
  t.like(await platform.api.scan(id), { state: "waiting", attempt: 1 });
  t.like((await appliance.jobs()).jobs, [{ id, attempt: 1 }]);
});

const named: [string, (scene: Scene) => Promise<unknown>][] = [
  ["the job is named between", ({ appliance, id }) => appliance.beat(running(id))],
  [
    "a part comes between",
    ({ appliance, id }) => appliance.upload({ id, attempt: 1 }, 0, hosts.slice(0, 1)),
  ],
  ["the job is taken between", ({ appliance, id }) => appliance.acknowledge({ id, attempt: 1 })],
];
for (const [what, between] of named)
  test(`heartbeats without the job begin to count again when ${what}`, async (t) => {
    const scene = await withScan();
    await scene.appliance.acknowledge({ id: scene.id, attempt: 1 });
    await scene.appliance.beat();
    await between(scene);
    await scene.appliance.beat();
    t.like(await scene.platform.api.scan(scene.id), { state: "running", attempt: 1 });
  });

test("heartbeats say nothing of a job when they were sent before it, twice, or cannot name all", async (t) => {
  const { platform, appliance, id } = await withScan();
  const before = Date.now() - 60_000;
  await appliance.acknowledge({ id, attempt: 1 });
  for (let turn = 0; turn < 3; turn++)
    await appliance.call("health", "POST", "/heartbeats", appliance.heartbeat(), {
      createdMs: before + turn,
    });
  const same = appliance.heartbeat();
  for (let turn = 0; turn < 3; turn++) await appliance.call("health", "POST", "/heartbeats", same);
  await appliance.beat(running(id));
  const others = Array.from({ length: 100 }, (_, number) => ({
    jobId: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    attempt: 1,
    state: "uploading" as const,
    percent: 100,
    hostsFound: 0,
  }));
  for (let turn = 0; turn < 3; turn++) await appliance.beat({ jobs: others });
  t.like(await platform.api.scan(id), { state: "running", attempt: 1 });
});

test("an older attempt that waits to be sent holds the newer ones back", async (t) => {
  const { platform, appliance, id } = await withScan();
  await appliance.acknowledge({ id, attempt: 1 });
  await appliance.beat();
  await appliance.beat();
  t.like((await appliance.jobs()).jobs, [{ attempt: 2 }]);
  const jobs = running(id).jobs.map((job) => ({ ...job, state: "uploading" as const }));
  for (let turn = 0; turn < 3; turn++) await appliance.beat({ jobs });
  t.like(await platform.api.scan(id), { attempt: 2 });
});

test("an appliance without room for a job is not offered it at each second heartbeat", async (t) => {
  const { platform, appliance, id } = await withScan();
  for (let turn = 0; turn < 4; turn++)
    await appliance.beat({ spool: { usedBytes: 10, limitBytes: 10, full: true } });
  t.like(await platform.api.scan(id), { state: "given-out", attempt: 1 });
});
