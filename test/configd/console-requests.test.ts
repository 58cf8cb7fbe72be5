import { readFile, writeFile } from "node:fs/promises";
import test from "ava";
import fc from "fast-check";
import type { AgentStatus } from "../../src/configd/api/status.ts";
import { readStopScans } from "../../src/configd/verbs/console-requests.ts";
import { describedAgent, loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { codeOf, testAppliance } from "../testkit/configd/test-appliance.ts";

const jobId = "0f8fad5b-d9cb-469f-a165-70867728950e";
const nothing = { updates: false, supportBundle: false, stopScans: [] };

async function waitingScan(): Promise<AgentStatus> {
  const machine = describedAgent(await loadDescribedMachine("scanning"), 1_800_000_000_000);
  const [job] = machine?.jobs ?? [];
  if (!machine || !job) throw new Error("the described machine has no scan");
  return { ...machine, jobs: [{ ...job, jobId, state: "waiting" }] };
}

test("the agent gets each console request once: a check for updates, a bundle for the platform, the end of a scan that waits", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, agent } = appliance;
  t.deepEqual(await agent.call("consoleRequests", { ended: [] }), nothing);
  await console.call("checkUpdates", {});
  t.is(await codeOf(console.call("sendSupportBundle", {})), "not-enrolled");
  t.deepEqual(await agent.call("consoleRequests", { ended: [] }), { ...nothing, updates: true });
  await agent.call("agentStatus", await waitingScan());
  await console.call("sendSupportBundle", {});
  await console.call("stopScan", { jobId });
  t.deepEqual(await agent.call("consoleRequests", { ended: [] }), {
    updates: false,
    supportBundle: true,
    stopScans: [jobId],
  });
  t.deepEqual(await agent.call("consoleRequests", { ended: [jobId] }), nothing);
  t.is(await codeOf(console.call("consoleRequests", { ended: [] })), "not-allowed");
});

test("a request to stop a waiting scan survives a restart of configd, which then calls the agent", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, agent, system } = appliance;
  await agent.call("agentStatus", await waitingScan());
  await console.call("stopScan", { jobId });
  await appliance.kill();
  system.calls.length = 0;
  await appliance.start();
  t.true(
    system.calls.some((call) => call.startsWith("signalUnit outrider-agent.service SIGUSR2")),
    system.calls.join(),
  );
  t.deepEqual(await agent.call("consoleRequests", { ended: [] }), {
    ...nothing,
    stopScans: [jobId],
  });
  t.deepEqual(await agent.call("consoleRequests", { ended: [jobId] }), nothing);
  // A restarted configd does not return it again either.
  await appliance.kill();
  system.calls.length = 0;
  await appliance.start();
  t.false(
    system.calls.some((call) => call.startsWith("signalUnit")),
    system.calls.join(),
  );
  t.deepEqual(await agent.call("consoleRequests", { ended: [] }), nothing);
});

test("a stop request is returned until the agent reports the scan as ended, also after restarts", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await appliance.agent.call("agentStatus", await waitingScan());
  await appliance.console.call("stopScan", { jobId });
  t.deepEqual(await appliance.agent.call("consoleRequests", { ended: [] }), {
    ...nothing,
    stopScans: [jobId],
  });
  t.deepEqual(await appliance.agent.call("consoleRequests", { ended: [] }), {
    ...nothing,
    stopScans: [jobId],
  });
  await appliance.kill();
  await appliance.start();
  t.deepEqual(await appliance.agent.call("consoleRequests", { ended: ["ab"] }), {
    ...nothing,
    stopScans: [jobId],
  });
  t.deepEqual(await appliance.agent.call("consoleRequests", { ended: [jobId] }), nothing);
});

test("stop requests are bounded, and a damaged file of them does not stop configd", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const status = await waitingScan();
  const ids = Array.from(
    { length: 103 },
    (_, index) => `${jobId.slice(0, -3)}${String(index).padStart(3, "0")}`,
  );
  const [job] = status.jobs;
  if (!job) return t.fail();
  for (const id of ids) {
    await appliance.agent.call("agentStatus", { ...status, jobs: [{ ...job, jobId: id }] });
    await appliance.console.call("stopScan", { jobId: id });
  }
  t.deepEqual(JSON.parse(await readFile(appliance.paths.stopScans, "utf8")), ids.slice(3));
  await appliance.kill();
  await writeFile(appliance.paths.stopScans, '["0f8fad5b');
  await appliance.start();
  t.deepEqual(await appliance.agent.call("consoleRequests", { ended: [] }), nothing);
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void readStopScans(text)));
});
