import { rm, writeFile } from "node:fs/promises";
import test, { type ExecutionContext } from "ava";
import { backUp, restore } from "../testkit/platform/backup.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";
import { ApplianceProcess, type Described, until } from "./appliance-process.ts";

const targets: Described[] = Array.from({ length: 20 }, (_, index) => ({
  address: `192.0.2.${index + 10}`,
  ports: [{ number: 22, service: "ssh", product: "OpenSSH", version: "9.2p1" }],
}));

/** A scan whose look at ports waits until the gate is removed. */
async function scanning(t: ExecutionContext, given: (platform: TestPlatform) => void = () => {}) {
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  const { code } = await platform.api.makeCode("kept");
  const appliance = await ApplianceProcess.create({ platformUrl: platform.url }, code, targets);
  t.teardown(() => appliance.remove());
  appliance.start();
  const { applianceId } = await appliance.untilStatus(
    ({ state }) => state === "connected",
    "connected",
  );
  if (applianceId === null) throw new Error("connected without an id");
  await writeFile(appliance.gate, "");
  const { id } = await platform.api.startScan({ applianceId, targets: ["192.0.2.0/24"] });
  given(platform);
  await appliance.untilStatus(
    ({ jobs }) => jobs[0]?.state === "running" && jobs[0].percent >= 10,
    "the look at ports",
  );
  await until(
    async () => (await platform.api.scan(id)).state === "running" || null,
    "the acknowledgement",
  );
  return { platform, appliance, id };
}

test("a platform that is set back to a backup from the middle of a scan gets the whole result all the same", async (t) => {
  t.timeout(600_000);
  const { platform, appliance, id } = await scanning(t);
  backUp(platform);
  await rm(appliance.gate);
  const whole = async () => {
    const view = await platform.api.scan(id);
    return view.state === "completed" ? view : null;
  };
  t.is((await until(whole, "the scan's end")).hostCount, targets.length);
  await appliance.untilStatus(({ jobs }) => jobs.length === 0, "no job");
  await restore(platform);
  t.like(await platform.api.scan(id), { state: "running", attempt: 1 });
  // Each signal has the agent call home at once.
  const again = await until(
    async () => {
      process.kill(appliance.pid, "SIGUSR2");
      return whole();
    },
    () => `the scan's end after the backup; ${appliance.log}`,
  );
  t.is(again.hostCount, targets.length);
  t.deepEqual(
    (await platform.api.results(id)).map(({ address, ports }) => [address, ports.length]),
    targets.map(({ address }) => [address, 1]),
  );
});

test("a scan that goes on while the platform is set back ends, and says what of its result was lost", async (t) => {
  t.timeout(600_000);
  const { platform, appliance, id } = await scanning(t, backUp);
  await until(
    async () => (await platform.api.scan(id)).hostCount === targets.length || null,
    "what discovery found",
  );
  await restore(platform);
  t.is((await platform.api.scan(id)).hostCount, 0);
  await rm(appliance.gate);
  const ended = await until(
    async () => {
      process.kill(appliance.pid, "SIGUSR2");
      const view = await platform.api.scan(id);
      return view.endedAt === null ? null : view;
    },
    () => `the scan's end; ${appliance.log}`,
  );
  t.like(ended, { state: "incomplete", attempt: 1 });
  t.deepEqual(ended.completion?.lost, [0], "what was sent between the backup and its return");
  t.regex(ended.completion?.problems[0]?.detail ?? "", /192\.0\.2\.0\/24/);
  t.is((await platform.api.results(id)).length, targets.length);
});
