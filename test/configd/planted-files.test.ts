import { link, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import test from "ava";
import { execa } from "execa";
import { describedAgent, loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { codeOf, testAppliance } from "../testkit/configd/test-appliance.ts";

/** A taken-over engine may write into its job's folder. configd is root, and must not. */
const jobId = "0f8fad5b-d9cb-469f-a165-70867728950e";

async function scanning() {
  const machine = describedAgent(await loadDescribedMachine("scanning"), 1_800_000_000_000);
  const [job] = machine?.jobs ?? [];
  if (!machine || !job) throw new Error("the described machine has no scan");
  return { ...machine, jobs: [{ ...job, jobId, state: "running" as const }] };
}

/** What the engine plants where configd once left its request to stop the scan. */
const plants: Record<string, (at: string, secret: string) => Promise<unknown>> = {
  "a link to the PIN": (at, secret) => symlink(secret, at),
  "a hard link to the PIN": (at, secret) => link(secret, at),
  "a FIFO": (at) => execa("mkfifo", [at]),
  "a folder": (at) => mkdir(at),
  "a device": (at) => symlink("/dev/full", at),
  "a link that leads nowhere": (at) => symlink("/nowhere/at/all", at),
  "a socket": (at) =>
    new Promise<void>((resolve) => {
      const server = createServer();
      server.listen(at, () => resolve());
      server.unref();
    }),
};

for (const [what, plant] of Object.entries(plants)) {
  test(`stopping a scan touches nothing in its folder, where the engine's user planted ${what}`, async (t) => {
    const appliance = await testAppliance(t);
    await appliance.start();
    const { console, agent, paths } = appliance;
    await console.call("setPin", { current: null, pin: "1234" });
    await agent.call("agentStatus", await scanning());
    const folder = join(paths.scan, jobId);
    await mkdir(folder, { recursive: true });
    const secret = join(paths.secrets, "console-pin");
    const before = await readFile(secret);
    await plant(join(folder, "stop-asked"), secret);
    const planted = await readdir(folder);
    for (let presses = 0; presses < 6; presses++) await console.call("stopScan", { jobId });
    t.deepEqual(await readFile(secret), before);
    t.deepEqual(await readdir(folder), planted);
    t.deepEqual((await agent.call("consoleRequests", { ended: [] })).stopScans, [jobId]);
    t.false((await console.call("unlock", { pin: "0000" })).unlocked);
    t.true((await console.call("unlock", { pin: "1234" })).unlocked);
  });
}

test("a scan that the agent does not have is unknown", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await mkdir(join(appliance.paths.scan, jobId), { recursive: true });
  t.is(await codeOf(appliance.console.call("stopScan", { jobId })), "scan-unknown");
});

test("an empty PIN file is damage and opens nothing", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, paths } = appliance;
  await console.call("setPin", { current: null, pin: "1234" });
  await writeFile(join(paths.secrets, "console-pin"), "");
  t.is(await codeOf(console.call("setPin", { current: null, pin: null })), "pin-damaged");
  for (const pin of ["0000", "1234"])
    t.is(await codeOf(console.call("unlock", { pin })), "pin-damaged", pin);
  await appliance.kill();
  await appliance.start();
  const { secrets } = await appliance.console.call("status", {});
  t.true(secrets.consolePin, "it is still shown as locked");
});
