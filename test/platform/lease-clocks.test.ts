import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Agent as Dispatcher } from "undici";
import { silentLog } from "../../src/base/log.ts";
import { systemRandom } from "../../src/base/random.ts";
import { readOptions } from "../../src/platform/options.ts";
import { type RunningPlatform, startPlatform } from "../../src/platform/platform.ts";
import type { JobsReply } from "../../src/protocol/schemas/jobs.ts";
import { validators } from "../../src/protocol/validators.ts";
import { FakeClock } from "../testkit/clock.ts";
import { enrolAppliance, type TestAppliance } from "../testkit/platform/appliance.ts";
import { OperatorApi } from "../testkit/platform/platform.ts";

const minuteMs = 60_000;
const yearMs = 365 * 24 * 60 * minuteMs;
/** Of the platform's first interval. */
const leaseMs = 15 * minuteMs;

/** The real platform in this process, so that its clocks are the test's. */
async function platformWithScan(t: ExecutionContext) {
  const root = await mkdtemp(join(tmpdir(), "outrider-leases-"));
  const clock = new FakeClock(Date.now());
  let running: RunningPlatform | null = null;
  const start = async (time: FakeClock): Promise<RunningPlatform> => {
    const listen = `127.0.0.1:${running?.port ?? 0}`;
    const url = `https://${listen}`;
    running = await startPlatform(readOptions(["--data", root, "--listen", listen, "--url", url]), {
      clock: time,
      random: systemRandom,
      log: silentLog,
      version: "0.0.0-test",
    });
    return running;
  };
  const { url } = await start(clock);
  const authority = JSON.parse(await readFile(join(root, "certificate-authority.json"), "utf8"));
  const dispatcher = new Dispatcher({ connect: { ca: authority.certificate } });
  const token = (await readFile(join(root, "operator-token"), "utf8")).trim();
  const api = new OperatorApi(url, token, dispatcher);
  t.teardown(async () => {
    await running?.close();
    await dispatcher.destroy();
    await rm(root, { recursive: true });
  });
  const { code } = await api.makeCode();
  const appliance = await enrolAppliance({ platformUrl: url, dispatcher, code });
  const { id } = await api.startScan({ applianceId: appliance.id, targets: ["192.0.2.0/24"] });
  await appliance.jobs();
  await appliance.acknowledge({ id, attempt: 1 });
  /** Ends the platform and starts it over the same data, with clocks of another start. */
  const again = async (wallMs: number): Promise<FakeClock> => {
    await running?.close();
    const time = new FakeClock(wallMs);
    await start(time);
    return time;
  };
  return { clock, api, appliance, id, again };
}

/** The list as an appliance reads it that knows the platform's time. */
async function listAt(appliance: TestAppliance, clock: FakeClock): Promise<JobsReply> {
  const { body } = await appliance.call("jobs", "GET", "/jobs", undefined, {
    createdMs: clock.nowMs(),
  });
  const list = validators.JobsReply(body);
  if (!list.valid) throw new Error(JSON.stringify(body));
  return list.value;
}

for (const [direction, jumpMs] of [
  ["back", -yearMs],
  ["forward", yearMs],
] as const)
  test(`a platform's clock that is set ${direction} by a year changes no lease's length`, async (t) => {
    const { clock, api, appliance, id } = await platformWithScan(t);
    clock.wallOffsetMs += jumpMs;
    await clock.advance(leaseMs - minuteMs);
    const before = await listAt(appliance, clock);
    t.like(before.jobs[0], { id, attempt: 1 });
    t.is(before.jobs[0]?.leaseUntil, clock.nowMs() + minuteMs, "its end, as the clock goes now");
    t.is((await api.scan(id)).leaseUntil, clock.nowMs() + minuteMs);
    await clock.advance(minuteMs + 1);
    t.like((await listAt(appliance, clock)).jobs[0], { id, attempt: 2 });
  });

test("a clock that was set back while the platform was off leaves no lease longer than one from the start", async (t) => {
  const { clock, appliance, id, again } = await platformWithScan(t);
  const later = await again(clock.nowMs() - yearMs);
  t.like((await listAt(appliance, later)).jobs[0], {
    id,
    attempt: 1,
    leaseUntil: later.nowMs() + leaseMs,
  });
  await later.advance(leaseMs + 1);
  t.like((await listAt(appliance, later)).jobs[0], { id, attempt: 2 });
});

test("an appliance that was lost before the platform's clock was set back is not shown as online for a year", async (t) => {
  const { clock, api, appliance } = await platformWithScan(t);
  await appliance.beat();
  t.is((await api.appliance(appliance.id)).state, "online");
  clock.wallOffsetMs -= yearMs;
  t.is((await api.appliance(appliance.id)).state, "silent");
});
