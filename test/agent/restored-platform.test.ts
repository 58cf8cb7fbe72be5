import { rm, writeFile } from "node:fs/promises";
import test from "ava";
import { backUp, restore } from "../testkit/platform/backup.ts";
import { startPlatform } from "../testkit/platform/platform.ts";
import { ApplianceProcess, type Described, until } from "./appliance-process.ts";

const targets: Described[] = Array.from({ length: 20 }, (_, index) => ({
  address: `192.0.2.${index + 10}`,
  ports: [{ number: 22, service: "ssh", product: "OpenSSH", version: "9.2p1" }],
}));

test("a platform that is set back to a backup from the middle of a scan gets the whole result all the same", async (t) => {
  t.timeout(600_000);
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
  await appliance.untilStatus(
    ({ jobs }) => jobs[0]?.state === "running" && jobs[0].percent >= 10,
    "the look at ports",
  );
  await until(
    async () => (await platform.api.scan(id)).state === "running" || null,
    "the acknowledgement",
  );
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
