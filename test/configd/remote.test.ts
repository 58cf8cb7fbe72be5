import test from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { RemoteChange } from "../../src/configd/api/shapes.ts";
import { defaultInterface, defaultSettings } from "../../src/settings/model/schema.ts";
import { testAppliance } from "../testkit/configd/test-appliance.ts";

const jobId = "00000000-0000-4000-8000-000000000007";
const change: RemoteChange = {
  jobId,
  why: "new DNS server",
  network: {
    mode: "single",
    lan: {
      ...defaultInterface,
      ipv4: { method: "static", address: "192.0.2.20/24", gateway: "192.0.2.1" },
      dns: { servers: ["192.0.2.53"], search: [] },
    },
  },
  time: { servers: ["time.outrider.test"] },
};

const code = (call: Promise<unknown>) =>
  call.then(
    () => "answered",
    (error: unknown) => (error instanceof OutriderError ? error.code : String(error)),
  );

test("a change of the platform is tried, and kept by the agent's call home over it", async (t) => {
  const appliance = await testAppliance(t);
  const { agent, console, system } = appliance;
  await appliance.start();
  const { id } = await console.call("try", {
    settings: {
      ...defaultSettings,
      hostname: "scanner-1",
      platform: { url: "https://platform.outrider.test" },
    },
  });
  await console.call("keep", { id });

  const trial = await agent.call("tryRemote", change);
  t.deepEqual(trial.by, { how: "platform", who: jobId, why: "new DNS server" });
  t.true(system.armed.has(trial.id), "it goes back by itself when the agent gets through no more");
  t.is(
    (await agent.call("tryRemote", change)).id,
    trial.id,
    "asked again, after a restart of the agent, it is the same trial",
  );
  t.true(system.calls.includes("restartUnit outrider-agent.service"));
  await agent.call("confirmRemote", { jobId });
  const { settings, lastTrial } = await agent.call("status", {});
  t.is(lastTrial?.end, "kept");
  t.is(lastTrial?.by.who, jobId);
  t.deepEqual(settings.time.servers, ["time.outrider.test"]);
  t.is(settings.hostname, "scanner-1", "what was not named stays");
  t.is(settings.platform.url, "https://platform.outrider.test");
  const [entry] = (await console.call("history", {})).entries;
  t.deepEqual(entry?.by, { how: "platform", who: jobId, why: "new DNS server" });
});

test("a call home from before the new settings are active does not keep them", async (t) => {
  const appliance = await testAppliance(t);
  const { agent } = appliance;
  const answers: string[] = [];
  await appliance.start({
    beforeStep: async (step) => {
      if (step === "install" || step === "restart-agent")
        answers.push(await code(agent.call("confirmRemote", { jobId })));
    },
  });
  await agent.call("tryRemote", change);
  t.deepEqual(answers, ["trial-pending", "trial-pending"]);
  t.not((await agent.call("status", {})).trial, null);
  t.is(await code(agent.call("confirmRemote", { jobId })), "answered");
});

test("without the agent's call home the change is reverted", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await appliance.agent.call("tryRemote", change);
  appliance.clock.advance(120_000);
  const { lastTrial, settings } = await appliance.until((status) => status.trial === null);
  t.is(lastTrial?.end, "timed-out");
  t.is(settings.network.lan.ipv4.method, "dhcp");
  t.is(await code(appliance.agent.call("confirmRemote", { jobId })), "trial-unknown");
});

test("the agent cannot keep what a person tries, and the platform cannot change what is not its own", async (t) => {
  const appliance = await testAppliance(t);
  const { agent, console } = appliance;
  await appliance.start();
  await console.call("try", { settings: { ...defaultSettings, hostname: "scanner-1" } });
  t.is(await code(agent.call("confirmRemote", { jobId })), "trial-unknown");
  t.is(await code(agent.call("tryRemote", change)), "trial-pending");
  t.is(await code(agent.call("keep", { id: "0" })), "not-allowed");
  const more: object = { ...change, hostname: "taken-over" };
  t.is(await code(agent.call("tryRemote", more as RemoteChange)), "request-invalid");
});

test("what cannot work is refused with the field", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  t.is(
    await code(
      appliance.agent.call("tryRemote", {
        jobId,
        why: "",
        platformUrl: "http://platform.outrider.test",
      }),
    ),
    "settings-invalid",
  );
  t.is(
    await code(appliance.agent.call("tryRemote", { jobId, why: "", time: { servers: ["-"] } })),
    "settings-invalid",
  );
  t.is((await appliance.agent.call("status", {})).trial, null);
});

test("a person may keep or revert what the platform tries", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { id } = await appliance.agent.call("tryRemote", { ...change, proxyPassword: "s3cret" });
  await appliance.console.call("revert", { id });
  t.deepEqual((await appliance.console.call("status", {})).secrets.proxyPassword, false);
});
