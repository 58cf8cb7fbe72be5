import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import test from "ava";
import { credentialText } from "../../src/base/credential.ts";
import { silentLog } from "../../src/base/log.ts";
import { boot } from "../../src/configd/boot.ts";
import { applianceOwners } from "../../src/configd/machine/file-owners.ts";
import { revertByTimer } from "../../src/configd/trial/revert.ts";
import {
  defaultHttpProxy,
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { type TestAppliance, testAppliance } from "../testkit/configd/test-appliance.ts";

const settings = (host: number): Settings => ({
  ...defaultSettings,
  hostname: `scanner-${host}`,
  network: {
    mode: "single",
    lan: {
      ...defaultInterface,
      dns: { servers: ["192.0.2.53"], search: [] },
      ipv4: { method: "static", address: `192.0.2.${host}/24`, gateway: "192.0.2.1" },
    },
  },
  proxy: {
    ...defaultHttpProxy,
    host: "proxy.outrider.test",
    authentication: "basic",
    user: `user-${host}`,
  },
});
const before = settings(20);
const after = settings(30);

const applySteps = [
  "arm",
  "write-trial",
  "write-netplan",
  "install",
  "routing",
  "hostname",
  "time-servers",
  "agent-files",
  "restart-agent",
];
const keepSteps = [
  "decide-keep",
  "save",
  "write-kept-netplan",
  "write-agent-files",
  "drop-netplan",
  "drop-trial",
  "disarm",
];
const revertSteps = [
  "decide-revert",
  "remove-netplan",
  "render-kept",
  "install",
  "routing",
  "hostname",
  "time-servers",
  "agent-files",
  "restart-agent",
  "drop-netplan",
  "drop-trial",
  "disarm",
];

/** Has configd die before `step` while it does `work`. */
async function cutOff(
  appliance: TestAppliance,
  step: string,
  work: () => Promise<unknown>,
  arm: { at: string | null },
): Promise<void> {
  const died = new Promise<void>((resolve) => {
    onStep.set(appliance, (name) => {
      if (name !== step || arm.at !== step) return undefined;
      resolve();
      // A dead process does nothing more.
      return new Promise<void>(() => undefined);
    });
  });
  arm.at = step;
  work().catch(() => undefined);
  await died;
  arm.at = null;
  await appliance.kill();
}

const onStep = new WeakMap<TestAppliance, (name: string) => Promise<void> | undefined>();

/** An appliance with `before` saved, and its password. */
async function prepared(appliance: TestAppliance): Promise<void> {
  await boot({
    system: appliance.system,
    paths: appliance.paths,
    owners: applianceOwners(),
    log: silentLog,
  });
  await appliance.start({ beforeStep: (name) => onStep.get(appliance)?.(name) });
  const { id } = await appliance.console.call("try", { settings: before, proxyPassword: "old" });
  await appliance.console.call("keep", { id });
}

/**
 * Checks that settings, secrets, rendered files and the machine agree, and that no trial is left.
 */
async function mustBeActive(
  appliance: TestAppliance,
  wanted: Settings,
  password: string,
): Promise<string[]> {
  const { console, system, paths } = appliance;
  const faults: string[] = [];
  const expect = (what: string, actual: unknown, expected: unknown) => {
    if (!isDeepStrictEqual(actual, expected)) faults.push(`${what}: ${JSON.stringify(actual)}`);
  };
  const status = await console.call("status", {});
  const address =
    wanted.network.lan.ipv4.method === "static" ? wanted.network.lan.ipv4.address : "";
  expect("trial", status.trial, null);
  expect("settings", status.settings, wanted);
  expect("source", status.settingsSource, "file");
  expect("installed", [...system.installed.values()].join().includes(address), true);
  expect("/etc/netplan", (await readFile(paths.keptNetplan, "utf8")).includes(address), true);
  expect("host name", system.hostname, wanted.hostname);
  expect(
    "agent's proxy user",
    JSON.parse(await readFile(paths.agentConfiguration, "utf8")).proxy.user,
    wanted.proxy.kind === "http" ? wanted.proxy.user : "",
  );
  expect(
    "agent's password",
    await readFile(join(paths.credentials, "agent/proxy-password"), "utf8"),
    credentialText(password),
  );
  expect(
    "kept password",
    await readFile(join(paths.secrets, "proxy-password"), "utf8"),
    `fake-sealed:${password}`,
  );
  expect("secrets", (await readdir(paths.secrets)).sort(), ["proxy-password"]);
  expect(
    "leftovers",
    (await readdir(paths.run)).filter((name) => name.startsWith("trial")),
    [],
  );
  for (const id of system.armed.keys())
    await revertByTimer(id, {
      system,
      paths,
      owners: applianceOwners(),
      clock: appliance.clock,
      log: silentLog,
    });
  expect("after the reverter", [...system.installed.values()].join().includes(address), true);
  return faults;
}

for (const step of applySteps) {
  test(`configd killed while it applies, before '${step}': the kept settings are active again`, async (t) => {
    const appliance = await testAppliance(t);
    const arm = { at: null };
    await prepared(appliance);
    await cutOff(
      appliance,
      step,
      () => appliance.console.call("try", { settings: after, proxyPassword: "new" }),
      arm,
    );
    await appliance.start();
    t.deepEqual(await mustBeActive(appliance, before, "old"), []);
  });
}

for (const step of keepSteps) {
  test(`configd killed while it keeps, before '${step}': the settings are those of before or those of after, wholly`, async (t) => {
    const appliance = await testAppliance(t);
    const arm = { at: null };
    await prepared(appliance);
    const { id } = await appliance.console.call("try", { settings: after, proxyPassword: "new" });
    await appliance.until((status) => status.trial?.phase === "waiting");
    await cutOff(appliance, step, () => appliance.console.call("keep", { id }), arm);
    await appliance.start();
    if (step === "decide-keep") {
      // Without a decision the trial goes on.
      t.is((await appliance.console.call("status", {})).trial?.id, id);
      await appliance.console.call("keep", { id });
    }
    t.deepEqual(await mustBeActive(appliance, after, "new"), []);
  });
}

for (const step of revertSteps) {
  test(`configd killed while it goes back, before '${step}': the kept settings are active`, async (t) => {
    const appliance = await testAppliance(t);
    const arm = { at: null };
    await prepared(appliance);
    const { id } = await appliance.console.call("try", { settings: after, proxyPassword: "new" });
    await appliance.until((status) => status.trial?.phase === "waiting");
    await cutOff(appliance, step, () => appliance.console.call("revert", { id }), arm);
    await appliance.start();
    if (step === "decide-revert") await appliance.console.call("revert", { id });
    t.deepEqual(await mustBeActive(appliance, before, "old"), []);
  });
}

for (const [verb, steps] of [
  ["try", applySteps],
  ["keep", keepSteps],
] as const) {
  test(`a power cut at any step of ${verb}: the next start has the settings of before or those of after, wholly`, async (t) => {
    for (const step of steps) {
      const appliance = await testAppliance(t);
      const arm = { at: null };
      await prepared(appliance);
      const change = { settings: after, proxyPassword: "new" };
      if (verb === "try")
        await cutOff(appliance, step, () => appliance.console.call("try", change), arm);
      else {
        const { id } = await appliance.console.call("try", change);
        await appliance.until((status) => status.trial?.phase === "waiting");
        await cutOff(appliance, step, () => appliance.console.call("keep", { id }), arm);
      }
      // A power cut removes what is not on the disk.
      const { paths, system } = appliance;
      for (const path of [paths.run, paths.keptNetplan, paths.trialNetplan])
        await rm(path, { recursive: true, force: true });
      system.installed = new Map();
      system.hostname = "";
      system.armed.clear();
      await boot({ system, paths, owners: applianceOwners(), log: silentLog });
      await appliance.start();
      const kept = verb === "keep" && steps.indexOf(step) > steps.indexOf("save");
      t.deepEqual(
        await mustBeActive(appliance, kept ? after : before, kept ? "new" : "old"),
        [],
        step,
      );
    }
  });
}
