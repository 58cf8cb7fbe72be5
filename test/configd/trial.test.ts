import { access, readFile, writeFile } from "node:fs/promises";
import test from "ava";
import { credentialText } from "../../src/base/credential.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { SettingsRefused } from "../../src/configd/api/settings-refused.ts";
import type { ProposedChange } from "../../src/configd/api/shapes.ts";
import { applianceOwners } from "../../src/configd/machine/file-owners.ts";
import { revertByTimer } from "../../src/configd/trial/revert.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import {
  defaultHttpProxy,
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { parseSettings } from "../../src/settings/parse.ts";
import { type TestAppliance, testAppliance } from "../testkit/configd/test-appliance.ts";

const wanted: Settings = {
  ...defaultSettings,
  hostname: "scanner-1",
  network: {
    mode: "single",
    lan: {
      ...defaultInterface,
      macAddress: "52:54:00:00:00:01",
      ipv4: { method: "static", address: "192.0.2.20/24", gateway: "192.0.2.1" },
      dns: { servers: ["192.0.2.53"], search: [] },
    },
  },
  proxy: {
    ...defaultHttpProxy,
    host: "proxy.outrider.test",
    authentication: "basic",
    user: "anna",
  },
};
const change: ProposedChange = { settings: wanted, proxyPassword: "s3cret" };

const check = (name: CheckResult["check"], outcome: CheckResult["outcome"]): CheckResult => ({
  id: `${name}:x`,
  check: name,
  subject: name,
  outcome,
  code: null,
  detail: "",
  durationMs: 1,
});

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function keptSettings({ paths }: TestAppliance): Promise<Settings | null> {
  const parsed = parseSettings(await readFile(paths.settings.file, "utf8").catch(() => ""));
  return parsed.ok ? parsed.settings : null;
}

test("a change is armed, applied, checked and kept", async (t) => {
  const appliance = await testAppliance(t);
  const { system, paths, console } = appliance;
  await appliance.start();
  const trial = await console.call("try", change);
  t.deepEqual(
    trial.changes.map(({ field, before, after }) => [field, before, after]),
    [
      ["Host name", "outrider", "scanner-1"],
      ["Network card", "first (eth0 52:54:00:00:00:01)", "52:54:00:00:00:01 (eth0)"],
      ["IPv4", "DHCP", "static"],
      ["Address", "by DHCP", "192.0.2.20/24"],
      ["Gateway", "by DHCP", "192.0.2.1"],
      ["DNS servers", "by DHCP", "192.0.2.53"],
      ["Proxy", "none", "proxy.outrider.test:3128"],
      ["Proxy authentication", "none", "Basic, user anna"],
      ["Proxy password", "not set", "set"],
    ],
  );
  t.true(system.calls.indexOf("armReverter") < system.calls.indexOf("install"));
  t.deepEqual([...system.armed.keys()], [trial.id]);
  t.regex(await readFile(paths.trialNetplan, "utf8"), /192\.0\.2\.20\/24/);
  t.is(system.hostname, "scanner-1");
  t.is(
    await readFile(`${paths.credentials}/agent/proxy-password`, "utf8"),
    credentialText("s3cret"),
  );
  t.is(JSON.parse(await readFile(paths.agentConfiguration, "utf8")).proxy.user, "anna");
  t.is(await keptSettings(appliance), null);

  await console.call("keep", { id: trial.id });
  t.deepEqual(await keptSettings(appliance), wanted);
  t.regex(await readFile(paths.keptNetplan, "utf8"), /192\.0\.2\.20\/24/);
  t.false(await exists(paths.trialNetplan));
  t.false(await exists(paths.trial.settings));
  t.false(await exists(paths.trial.secrets));
  t.is(system.armed.size, 0);
  const status = await console.call("status", {});
  t.is(status.trial, null);
  t.is(status.lastTrial?.end, "kept");
  t.deepEqual(status.settings, wanted);
  t.true(status.secrets.proxyPassword);
  t.is(status.settingsSource, "file");

  await appliance.kill();
  await appliance.start();
  const again = await console.call("status", {});
  t.deepEqual(again.settings, wanted);
  t.true(again.secrets.proxyPassword);
  t.false(JSON.stringify(again).includes("s3cret"));
  t.false((await readFile(paths.settings.file, "utf8")).includes("s3cret"));
});

test("a change is taken back by the operator, and leaves nothing", async (t) => {
  const appliance = await testAppliance(t);
  const { system, paths, console } = appliance;
  await appliance.start();
  const { id } = await console.call("try", change);
  await console.call("revert", { id });
  const status = await console.call("status", {});
  t.deepEqual(status.settings, defaultSettings);
  t.is(status.lastTrial?.end, "reverted");
  t.false(status.secrets.proxyPassword);
  t.regex([...system.installed.values()].join(), /dhcp4: true/);
  t.is(system.hostname, "outrider");
  t.is(await readFile(`${paths.credentials}/agent/proxy-password`, "utf8"), credentialText(null));
  for (const path of [
    paths.trialNetplan,
    paths.trial.settings,
    paths.trial.state,
    paths.trial.secrets,
    paths.trial.decision,
  ])
    t.false(await exists(path), path);
  await t.throwsAsync(console.call("keep", { id }), { message: /no such trial/ });
});

test("a trial that is not kept is reverted after 120 s, and 120 s after it was extended", async (t) => {
  const appliance = await testAppliance(t);
  const { clock, console, system } = appliance;
  await appliance.start();
  const { id, remainingMs } = await console.call("try", change);
  t.is(remainingMs, 120_000);
  clock.advance(119_000);
  t.is((await console.call("status", {})).trial?.remainingMs, 1000);
  await console.call("extend", { id });
  t.is((await console.call("status", {})).trial?.remainingMs, 120_000);
  t.true((system.armed.get(id) ?? 0) >= 120_000);
  clock.advance(119_999);
  t.not((await console.call("status", {})).trial, null);
  clock.advance(1);
  const status = await appliance.until((now) => now.trial === null);
  t.is(status.lastTrial?.end, "timed-out");
  t.deepEqual(status.settings, defaultSettings);
});

test("only one change is tried at a time", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const answers = await Promise.allSettled([
    appliance.console.call("try", change),
    appliance.console.call("try", change),
  ]);
  t.deepEqual(answers.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  const refused = await t.throwsAsync(appliance.console.call("try", change), {
    instanceOf: OutriderError,
  });
  t.is(refused?.code, "trial-pending");
  const enrol = await t.throwsAsync(
    appliance.console.call("enrol", { url: "platform.outrider.test", code: "" }),
    { instanceOf: OutriderError },
  );
  t.is(enrol?.code, "trial-pending");
});

test("settings that cannot work are refused with their fields, and nothing is touched", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const before = appliance.system.calls.length;
  const lan = {
    ...wanted.network.lan,
    macAddress: "52:54:00:00:00:99",
    ipv4: { method: "static", address: "192.0.2.0/24", gateway: "192.0.2.1" },
  } as const;
  const wrong = { settings: { ...wanted, network: { mode: "single", lan } } } as const;
  const refused = await t.throwsAsync(appliance.console.call("try", wrong), {
    instanceOf: SettingsRefused,
  });
  t.deepEqual(
    refused?.problems.map(({ field, code }) => [field, code]),
    [
      ["network.lan.macAddress", "interface-missing"],
      ["network.lan.ipv4.address", "address-is-network"],
    ],
  );
  const review = await appliance.console.call("review", wrong);
  t.is(review.problems.length, 2);
  t.deepEqual(appliance.system.calls.slice(before), []);
});

test("a review lists the changes without making them", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const before = appliance.system.calls.length;
  const review = await appliance.console.call("review", {
    settings: { ...defaultSettings, hostname: "scanner-1" },
  });
  t.deepEqual(review.changes, [{ field: "Host name", before: "outrider", after: "scanner-1" }]);
  t.false(review.needsTrial);
  t.true((await appliance.console.call("review", change)).needsTrial);
  t.regex(review.netplan, /dhcp4: true/);
  t.deepEqual(appliance.system.calls.slice(before), []);
});

test("settings that netplan refuses never become a trial", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  appliance.system.failing.set(
    "generate",
    new OutriderError("trial-failed", { detail: "netplan: no" }),
  );
  const refused = await t.throwsAsync(appliance.console.call("try", change), {
    instanceOf: OutriderError,
  });
  t.is(refused?.code, "trial-failed");
  t.is((await appliance.console.call("status", {})).trial, null);
  t.is(appliance.system.armed.size, 0);
});

test("an error while applying reverts at once", async (t) => {
  const appliance = await testAppliance(t);
  const { system, console } = appliance;
  let fail = true;
  await appliance.start({
    beforeStep: (step) => {
      if (step !== "hostname" || !fail) return;
      fail = false;
      throw new Error("no such host name");
    },
  });
  const refused = await t.throwsAsync(console.call("try", change), { instanceOf: OutriderError });
  t.is(refused?.code, "trial-failed");
  const status = await console.call("status", {});
  t.is(status.trial, null);
  t.is(status.lastTrial?.end, "failed");
  t.deepEqual(status.settings, defaultSettings);
  t.regex([...system.installed.values()].join(), /dhcp4: true/);
  t.is(system.armed.size, 0);
});

test("a failed revert is repeated until it succeeds", async (t) => {
  const appliance = await testAppliance(t);
  const { system, clock, console } = appliance;
  await appliance.start();
  const { id } = await console.call("try", change);
  system.failing.set("install", new Error("not now"));
  clock.advance(120_000);
  while (system.calls.filter((call) => call === "install").length < 2)
    await new Promise((resolve) => setImmediate(resolve));
  t.is((await console.call("status", {})).trial?.id, id);
  t.true(system.armed.has(id));
  system.failing.clear();
  while ((await console.call("status", {})).trial !== null) {
    clock.advance(5000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.is((await console.call("status", {})).lastTrial?.end, "timed-out");
  t.regex([...system.installed.values()].join(), /dhcp4: true/);
});

test("the advice is to go back when the new settings lose what the old ones reached", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const answers = [
    [check("link", "ok"), check("gateway", "ok"), check("service", "failed")],
    [check("link", "ok"), check("gateway", "failed")],
  ];
  appliance.system.doctor = async () => answers.shift() ?? [];
  await appliance.console.call("try", { settings: { ...defaultSettings, hostname: "scanner-1" } });
  const { trial } = await appliance.until((status) => status.trial?.phase === "waiting");
  t.is(trial?.advice, "revert");
  t.is(trial?.checksBefore.length, 3);
  t.is(trial?.checks.length, 2);
  if (trial) await appliance.console.call("revert", { id: trial.id });

  appliance.system.doctor = async () => [check("link", "ok")];
  await appliance.console.call("try", { settings: { ...defaultSettings, hostname: "scanner-2" } });
  const second = await appliance.until((status) => status.trial?.phase === "waiting");
  t.is(second.trial?.advice, "keep");
  if (second.trial) await appliance.console.call("revert", { id: second.trial.id });

  appliance.system.doctor = () => Promise.reject(new Error("it did not run"));
  await appliance.console.call("try", { settings: { ...defaultSettings, hostname: "scanner-3" } });
  const third = await appliance.until((status) => status.trial?.phase === "waiting");
  t.is(third.trial?.advice, null);
});

test("a restarted configd resumes the trial with its deadline", async (t) => {
  const appliance = await testAppliance(t);
  const { clock, console } = appliance;
  await appliance.start();
  const { id } = await console.call("try", change);
  await appliance.until((status) => status.trial?.phase === "waiting");
  clock.advance(50_000);
  await appliance.kill();
  await appliance.start();
  const { trial, settings, secrets } = await console.call("status", {});
  t.is(trial?.id, id);
  t.is(trial?.remainingMs, 70_000);
  t.deepEqual(settings, wanted);
  t.true(secrets.proxyPassword);
  await console.call("keep", { id });
  t.deepEqual(await keptSettings(appliance), wanted);
});

test("a deadline that passed while configd was down is enforced when it starts", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await appliance.console.call("try", change);
  await appliance.until((status) => status.trial?.phase === "waiting");
  await appliance.kill();
  appliance.clock.advance(200_000);
  await appliance.start();
  const status = await appliance.console.call("status", {});
  t.is(status.trial, null);
  t.is(status.lastTrial?.end, "timed-out");
  t.deepEqual(status.settings, defaultSettings);
});

test("the reverter works without configd, and does nothing for a trial that has ended", async (t) => {
  const appliance = await testAppliance(t);
  const { paths, system, clock, console } = appliance;
  await appliance.start();
  const { id } = await console.call("try", change);
  await appliance.kill();
  const parts = { system, paths, owners: applianceOwners(), clock, log: silentLog };
  await revertByTimer("another", parts);
  t.true(await exists(paths.trial.state));
  await revertByTimer(id, parts);
  t.regex([...system.installed.values()].join(), /dhcp4: true/);
  t.false(await exists(paths.trial.state));
  t.false(await exists(paths.trialNetplan));
  const calls = system.calls.length;
  await revertByTimer(id, parts);
  t.is(system.calls.length, calls);
  await appliance.start();
  t.is((await console.call("status", {})).lastTrial?.end, "timed-out");
});

test("when the reverter and the operator act at the same moment, exactly one decides", async (t) => {
  const appliance = await testAppliance(t);
  const { paths, system, clock, console } = appliance;
  await appliance.start();
  const { id } = await console.call("try", change);
  await writeFile(paths.trial.decision, "revert", { flag: "wx" });
  const refused = await t.throwsAsync(console.call("keep", { id }), { instanceOf: OutriderError });
  t.is(refused?.code, "trial-unknown");
  t.deepEqual((await console.call("status", {})).settings, defaultSettings);
  t.is(await keptSettings(appliance), null);

  const second = await console.call("try", change);
  await appliance.kill();
  await writeFile(paths.trial.decision, "keep", { flag: "wx" });
  await revertByTimer(second.id, {
    system,
    paths,
    owners: applianceOwners(),
    clock,
    log: silentLog,
  });
  t.deepEqual(await keptSettings(appliance), wanted);
});

test("a full disk keeps the trial as it was, and it can still be taken back", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { id } = await appliance.console.call("try", change);
  appliance.system.seal = () =>
    Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" }));
  const refused = await t.throwsAsync(appliance.console.call("keep", { id }), {
    instanceOf: OutriderError,
  });
  t.is(refused?.code, "storage-full");
  t.is((await appliance.console.call("status", {})).trial?.id, id);
  await appliance.console.call("revert", { id });
  t.deepEqual((await appliance.console.call("status", {})).settings, defaultSettings);
});

test("the review names the cards that the roles get", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const interfaces = await appliance.system.interfaces();
  const { lan } = defaultSettings.network;
  const cardLines = async (settings: typeof defaultSettings) =>
    (await appliance.console.call("review", { settings })).changes
      .filter(({ field }) => field.endsWith("Network card"))
      .map(({ field, before, after }) => `${field}: ${before} -> ${after}`);
  const [first, second] = interfaces.map(({ name, macAddress }) => ({ name, macAddress }));
  if (!first || !second) return t.fail("two cards are needed");
  t.deepEqual(await cardLines({ ...defaultSettings, network: { mode: "split", lan, wan: lan } }), [
    `WAN: Network card: none -> first (${second.name} ${second.macAddress})`,
  ]);
  t.deepEqual(
    await cardLines({
      ...defaultSettings,
      network: { mode: "split", lan: { ...lan, macAddress: second.macAddress }, wan: lan },
    }),
    [
      `LAN: Network card: first (${first.name} ${first.macAddress}) -> ${second.macAddress} (${second.name})`,
      `WAN: Network card: none -> first (${first.name} ${first.macAddress})`,
    ],
  );
});
