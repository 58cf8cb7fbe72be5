import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { makeActivationCode } from "../../src/base/activation-code.ts";
import { credentialText, parseCredential } from "../../src/base/credential.ts";
import type { Log } from "../../src/base/log.ts";
import { fact } from "../../src/base/messages/facts.ts";
import { boot } from "../../src/configd/boot.ts";
import { applianceOwners } from "../../src/configd/machine/file-owners.ts";
import { type TestAppliance, testAppliance } from "../testkit/configd/test-appliance.ts";

const code = makeActivationCode(new Uint8Array(18).fill(9)).text;
const given = [
  `PERSCODE=${code}`,
  "platform_url=https://platform.outrider.test",
  "lan_address=192.0.2.20/24",
  "lan_gateway=192.0.2.1",
  "lan_dns=192.0.2.53",
  "HTTP_Proxy=anna:s3cret@proxy.outrider.test:3128",
  "hostname=bad name",
].join("\n");

interface Logged {
  log: Log;
  text: () => string;
}

function logged(): Logged {
  const lines: string[] = [];
  const line = (event: string, facts?: Record<string, unknown>) => {
    lines.push(`${event} ${JSON.stringify(facts)}`);
  };
  return { log: { info: line, warning: line, error: line }, text: () => lines.join("\n") };
}

const bootOf = ({ system, paths }: TestAppliance, log: Log) =>
  boot({ system, paths, owners: applianceOwners(), log });

test("zero-touch settings are used at the first boot, before the network comes up, and never again automatically", async (t) => {
  const appliance = await testAppliance(t);
  const { system, paths, console } = appliance;
  const { log, text } = logged();
  system.zeroTouch = [
    { format: "user-data", source: "NoCloud volume", place: "/dev/sr0: user-data", text: given },
  ];
  await bootOf(appliance, log);
  t.regex([...system.installed.values()].join(), /192\.0\.2\.20\/24/);
  t.is(
    await readFile(join(paths.credentials, "agent/activation-code"), "utf8"),
    credentialText(code),
  );
  t.is(
    await readFile(join(paths.credentials, "agent/proxy-password"), "utf8"),
    credentialText("s3cret"),
  );
  t.is(
    JSON.parse(await readFile(paths.agentConfiguration, "utf8")).platformUrl,
    "https://platform.outrider.test",
  );

  await appliance.start({ log });
  const { zeroTouch, settings, secrets } = await console.call("status", {});
  t.is(settings.hostname, "outrider", "one bad value stops nothing");
  t.like(secrets, { proxyPassword: true, activationCode: true });
  t.not(zeroTouch.readAt, null);
  t.like(zeroTouch.problems[0], {
    source: "NoCloud volume",
    place: "/dev/sr0: user-data, line 7",
    field: "hostname",
  });
  const [entry] = (await console.call("history", {})).entries;
  t.deepEqual(entry?.by, {
    how: "zero-touch",
    who: "NoCloud volume",
    why: "first start",
    reason: fact("kept-first-start"),
  });
  const everything = `${text()}\n${await readFile(paths.settings.file, "utf8")}\n${await readFile(paths.zeroTouch.report, "utf8")}`;
  t.notRegex(everything, new RegExp(`s3cret|${code}`), "no secret in log, settings or report");

  await appliance.kill();
  system.zeroTouch = [
    { format: "user-data", source: "NoCloud volume", place: "x", text: "hostname=other" },
  ];
  await bootOf(appliance, log);
  await appliance.start({ log });
  t.is((await console.call("status", {})).settings.hostname, "outrider");
  t.is(system.calls.filter((call) => call.startsWith("zeroTouchDocuments")).length, 1);
});

test("without zero-touch settings the first boot is an ordinary one", async (t) => {
  const appliance = await testAppliance(t);
  await bootOf(appliance, logged().log);
  await appliance.start();
  const { zeroTouch, settingsSource } = await appliance.console.call("status", {});
  t.is(settingsSource, "defaults");
  t.deepEqual({ ...zeroTouch, readAt: 0 }, { readAt: 0, sources: [], problems: [], notes: [] });
});

test("a source that fails does not stop the boot, and is read again at the next one", async (t) => {
  const appliance = await testAppliance(t);
  appliance.system.failing.set("zeroTouchDocuments", new Error("no answer"));
  await bootOf(appliance, logged().log);
  t.regex([...appliance.system.installed.values()].join(), /dhcp4: true/);
  await appliance.start();
  const { zeroTouch, settingsFailure } = await appliance.console.call("status", {});
  t.is(zeroTouch.readAt, null);
  t.regex(settingsFailure?.detail ?? "", /zero-touch: no answer/);
});

test("an appliance that is set up keeps its settings when the report of the reading was lost", async (t) => {
  const appliance = await testAppliance(t);
  await bootOf(appliance, logged().log);
  await appliance.start();
  const { settings } = await appliance.console.call("status", {});
  const { id } = await appliance.console.call("try", {
    settings: { ...settings, hostname: "by-a-person" },
  });
  await appliance.console.call("keep", { id });
  await appliance.kill();
  await rm(appliance.paths.zeroTouch.report);
  appliance.system.zeroTouch = [
    { format: "user-data", source: "s", place: "p", text: "hostname=from-outside" },
  ];
  await bootOf(appliance, logged().log);
  t.is(appliance.system.hostname, "by-a-person");
});

test("read again on request, it is tried and can be kept or reverted", async (t) => {
  const appliance = await testAppliance(t);
  await bootOf(appliance, logged().log);
  await appliance.start();
  appliance.system.zeroTouch = [
    { format: "user-data", source: "NoCloud volume", place: "p", text: given },
  ];
  const { zeroTouch, trial } = await appliance.console.call("readZeroTouch", {
    by: { how: "command-line", who: "root", why: "" },
  });
  t.is(zeroTouch.problems.length, 1);
  t.deepEqual(trial?.by, { how: "zero-touch", who: "NoCloud volume", why: "root" });
  t.regex([...appliance.system.installed.values()].join(), /192\.0\.2\.20\/24/);
  if (!trial) return t.fail();
  await appliance.console.call("keep", { id: trial.id });
  t.like((await appliance.console.call("status", {})).secrets, {
    proxyPassword: true,
    activationCode: true,
  });
  const again = await appliance.console.call("readZeroTouch", {});
  t.is(again.trial, null, "nothing is new");
});

const codeOfAgent = async ({ paths }: TestAppliance) =>
  parseCredential(await readFile(join(paths.credentials, "agent/activation-code"), "utf8"));
const restarts = ({ system }: TestAppliance) =>
  system.calls.filter((call) => call === "restartUnit outrider-agent.service").length;

test("an activation code that comes with other settings is used when they are kept, never at the platform before", async (t) => {
  const appliance = await testAppliance(t);
  await bootOf(appliance, logged().log);
  await appliance.start();
  const { console } = appliance;
  const hasCode = async () => [
    await codeOfAgent(appliance),
    (await console.call("status", {})).secrets.activationCode,
  ];
  appliance.system.zeroTouch = [
    { format: "user-data", source: "NoCloud volume", place: "p", text: given },
  ];
  const { trial } = await console.call("readZeroTouch", {});
  t.deepEqual(await hasCode(), [null, false], "while it is tried");
  await console.call("revert", { id: trial?.id ?? "" });
  t.deepEqual(await hasCode(), [null, false], "after it went back");

  const again = await console.call("readZeroTouch", {});
  // A restarted daemon finds it.
  await appliance.kill();
  await appliance.start();
  const before = restarts(appliance);
  await console.call("keep", { id: again.trial?.id ?? "" });
  t.deepEqual(await hasCode(), [code, true]);
  t.is(restarts(appliance), before + 1, "credentials are read at a start");
});

test("an activation code that comes alone is used at once; one for a trial that is refused never", async (t) => {
  const appliance = await testAppliance(t);
  await bootOf(appliance, logged().log);
  await appliance.start();
  appliance.system.failing.set("generate", new Error("netplan is broken"));
  appliance.system.zeroTouch = [
    { format: "user-data", source: "s", place: "p", text: `PERSCODE=${code}\nlan_mtu=1400` },
  ];
  await t.throwsAsync(appliance.console.call("readZeroTouch", {}));
  t.is(await codeOfAgent(appliance), null);
  appliance.system.zeroTouch = [
    { format: "user-data", source: "s", place: "p", text: `PERSCODE=${code}` },
  ];
  t.is((await appliance.console.call("readZeroTouch", {})).trial, null);
  t.is(await codeOfAgent(appliance), code);
});

test("unused values are reported until an operator keeps settings", async (t) => {
  const appliance = await testAppliance(t);
  appliance.system.zeroTouch = [
    {
      format: "user-data",
      source: "NoCloud volume",
      place: "p",
      text: "hostname=bad name\nLAN_IP=\n",
    },
  ];
  await bootOf(appliance, logged().log);
  await appliance.start();
  const { settings, zeroTouch } = await appliance.console.call("status", {});
  t.is(zeroTouch.problems.length, 1);
  t.is(zeroTouch.notes.length, 1);
  const { id } = await appliance.console.call("try", {
    settings: { ...settings, hostname: "by-a-person" },
  });
  t.is(
    (await appliance.console.call("status", {})).zeroTouch.problems.length,
    1,
    "nothing is settled by a trial",
  );
  await appliance.console.call("keep", { id });
  const after = (await appliance.console.call("status", {})).zeroTouch;
  t.deepEqual(after, {
    readAt: zeroTouch.readAt,
    sources: zeroTouch.sources,
    problems: [],
    notes: [],
  });
  await appliance.kill();
  await appliance.start();
  t.deepEqual((await appliance.console.call("status", {})).zeroTouch, after);
});
