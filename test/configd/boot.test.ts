import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { geteuid } from "node:process";
import test, { type ExecutionContext } from "ava";
import { credentialText } from "../../src/base/credential.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { boot } from "../../src/configd/boot.ts";
import { applianceOwners } from "../../src/configd/machine/file-owners.ts";
import { addToHistory } from "../../src/settings/history.ts";
import {
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { renderSettings } from "../../src/settings/render.ts";
import { type TestAppliance, testAppliance } from "../testkit/configd/test-appliance.ts";

const withRoot = geteuid?.() === 0 ? test : test.skip;

const at = (address: string): Settings => ({
  ...defaultSettings,
  network: {
    mode: "single",
    lan: {
      ...defaultInterface,
      ipv4: { method: "static", address, gateway: "192.0.2.1" },
      dns: { servers: ["192.0.2.53"], search: [] },
    },
  },
});

async function bootWith(t: ExecutionContext, text: string | null): Promise<TestAppliance> {
  const appliance = await testAppliance(t);
  if (text !== null) {
    await mkdir(dirname(appliance.paths.settings.file), { recursive: true });
    await writeFile(appliance.paths.settings.file, text);
  }
  await bootOf(appliance);
  return appliance;
}

const bootOf = ({ system, paths }: TestAppliance) =>
  boot({ system, paths, owners: applianceOwners(), log: silentLog });
const installed = ({ system }: TestAppliance) => [...system.installed.values()].join();

test("the first start has DHCP on the first interface, and nothing is wrong", async (t) => {
  const appliance = await bootWith(t, null);
  t.regex(installed(appliance), /name: "eth0"[\s\S]*dhcp4: true/);
  t.is(await readFile(appliance.paths.keptNetplan, "utf8"), installed(appliance));
  t.is((await stat(appliance.paths.keptNetplan)).mode & 0o777, 0o600);
  t.is(
    await readFile(join(appliance.paths.credentials, "agent/activation-code"), "utf8"),
    credentialText(null),
  );
  t.regex(await readFile(appliance.paths.resolved, "utf8"), /LLMNR=no/);
  t.is(appliance.system.hostname, "outrider");
  t.true(appliance.system.calls.includes("loadFirewall"));
  t.deepEqual(JSON.parse(await readFile(appliance.paths.agentConfiguration, "utf8")), {
    hostname: "outrider",
    platformUrl: null,
    proxy: { kind: "none" },
    trustedCertificates: [],
    mode: "single",
    managementDevice: null,
    scanExclusions: [],
    scanDevice: "eth0",
    simulated: null,
  });
  await appliance.start();
  const status = await appliance.console.call("status", {});
  t.is(status.settingsSource, "defaults");
  t.is(status.settingsFailure, null);
});

test("a half-written settings file does not stop the start: the last good copy is used, and the status reports it", async (t) => {
  const appliance = await bootWith(t, renderSettings(at("192.0.2.20/24"), null));
  const { file } = appliance.paths.settings;
  await writeFile(file, (await readFile(file, "utf8")).slice(0, 300));
  appliance.system.installed = new Map();
  await bootOf(appliance);
  t.regex(installed(appliance), /192\.0\.2\.20\/24/);
  await appliance.start();
  const status = await appliance.console.call("status", {});
  t.is(status.settingsSource, "last-good");
  t.is(status.settingsFailure?.code, "settings-unreadable");
});

test("settings that netplan refuses give way to older ones, at last to DHCP", async (t) => {
  const appliance = await bootWith(t, null);
  const { system, paths } = appliance;
  const generate = system.generate.bind(system);
  system.generate = async (netplan) => {
    if (netplan.includes("192.0.2.20") || netplan.includes("192.0.2.10"))
      throw new OutriderError("trial-failed", { detail: "netplan: no" });
    return generate(netplan);
  };
  await addToHistory(paths.settings.history, renderSettings(at("192.0.2.10/24"), null));
  await writeFile(paths.settings.file, renderSettings(at("192.0.2.20/24"), null));
  await bootOf(appliance);
  t.regex(installed(appliance), /dhcp4: true/);
  await appliance.start();
  const { settingsFailure } = await appliance.console.call("status", {});
  t.is(settingsFailure?.code, "system-failed");
  t.regex(settingsFailure?.detail ?? "", /netplan: no/);
});

test("a boot step that fails does not stop the others", async (t) => {
  const appliance = await testAppliance(t);
  const { system, paths } = appliance;
  for (const part of ["loadFirewall", "generate", "setHostname", "install"])
    system.failing.set(part, new Error(`${part} is broken`));
  await bootOf(appliance);
  const report = await readFile(paths.bootFailure, "utf8");
  for (const part of ["loadFirewall", "generate", "setHostname"])
    t.regex(report, new RegExp(`${part} is broken`));
  t.is(JSON.parse(await readFile(paths.agentConfiguration, "utf8")).hostname, "outrider");

  system.failing.clear();
  await bootOf(appliance);
  t.is(await readFile(paths.bootFailure, "utf8"), "");
});

test("a boot removes a trial's netplan file", async (t) => {
  const appliance = await testAppliance(t);
  await mkdir(dirname(appliance.paths.trialNetplan), { recursive: true });
  await writeFile(appliance.paths.trialNetplan, "network: {}\n");
  await bootOf(appliance);
  await t.throwsAsync(stat(appliance.paths.trialNetplan), { code: "ENOENT" });
});

test("secrets staged for settings that were never saved are dropped", async (t) => {
  const appliance = await bootWith(t, renderSettings(at("192.0.2.20/24"), null));
  const staged = join(appliance.paths.secrets, `proxy-password.${"0".repeat(64)}.staged`);
  await writeFile(staged, "fake-sealed:never kept");
  await bootOf(appliance);
  await t.throwsAsync(stat(staged), { code: "ENOENT" });
  t.is(
    await readFile(join(appliance.paths.credentials, "agent/proxy-password"), "utf8"),
    credentialText(null),
  );
});

withRoot("folders get their owners and modes, also existing ones", async (t) => {
  const appliance = await testAppliance(t);
  const { paths } = appliance;
  await mkdir(paths.secrets, { recursive: true, mode: 0o777 });
  await bootOf(appliance);
  const expected: [string, number, number, number][] = [
    [dirname(paths.settings.file), 0, 0, 0o750],
    [paths.secrets, 0, 0, 0o700],
    [join(paths.data, "identity"), 820, 820, 0o700],
    [join(paths.data, "spool"), 820, 820, 0o700],
    [paths.scan, 820, 821, 0o2770],
    [join(paths.data, "content"), 820, 820, 0o750],
    [join(paths.data, "host"), 0, 0, 0o700],
    [paths.credentials, 0, 0, 0o700],
    [paths.agentConfiguration, 0, 820, 0o640],
  ];
  for (const [path, uid, gid, mode] of expected) {
    const facts = await stat(path);
    t.deepEqual([facts.uid, facts.gid, facts.mode & 0o7777], [uid, gid, mode], path);
  }
  await rm(paths.run, { recursive: true });
});

test("without a working netplan, an interface still gets its address by DHCP", async (t) => {
  const appliance = await testAppliance(t);
  const { system, paths } = appliance;
  system.failing.set("generate", new Error("spawn /usr/libexec/netplan/generate ENOENT"));
  await mkdir(dirname(paths.settings.file), { recursive: true });
  await writeFile(paths.settings.file, renderSettings(at("192.0.2.20/24"), null));
  await bootOf(appliance);
  t.deepEqual([...system.installed.keys()], ["10-netplan-lan.network"]);
  t.regex(installed(appliance), /Name=eth0[\s\S]*DHCP=ipv4/);
  await appliance.start();
  t.regex((await appliance.console.call("status", {})).settingsFailure?.detail ?? "", /ENOENT/);

  // The next boot works again.
  system.failing.clear();
  await bootOf(appliance);
  t.regex(installed(appliance), /192\.0\.2\.20\/24/);
});

test("a split appliance without netplan stays split", async (t) => {
  const appliance = await testAppliance(t);
  const { system, paths } = appliance;
  system.failing.set("generate", new Error("netplan is broken"));
  const card = (number: number) => ({
    ...defaultInterface,
    macAddress: `52:54:00:00:00:0${number}`,
  });
  const network: Settings["network"] = { mode: "split", lan: card(1), wan: card(2) };
  await mkdir(dirname(paths.settings.file), { recursive: true });
  await writeFile(paths.settings.file, renderSettings({ ...defaultSettings, network }, null));
  await bootOf(appliance);
  const names = [...system.installed.keys()];
  t.deepEqual(names.sort(), [
    "10-netplan-lan.network",
    "10-netplan-lan.network.d/50-split.conf",
    "10-netplan-wan.network",
  ]);
});

test("a card that was slower than the start gets its role when configd looks, and one that comes later takes none", async (t) => {
  const appliance = await testAppliance(t);
  const { system, paths } = appliance;
  const [first, second] = system.interfacesNow;
  if (!first || !second) return t.fail();
  system.interfacesNow = [];
  await bootOf(appliance);
  t.is(JSON.parse(await readFile(paths.agentConfiguration, "utf8")).scanDevice, null);
  system.interfacesNow = [second];
  await appliance.start();
  const scanDevice = async (wanted: string) => {
    while (JSON.parse(await readFile(paths.agentConfiguration, "utf8")).scanDevice !== wanted)
      await new Promise((resolve) => setImmediate(resolve));
  };
  await scanDevice("eth1");
  t.regex(installed(appliance), /name: "eth1"[\s\S]*dhcp4: true/);
  const { networkReports } = await appliance.console.call("status", {});
  t.deepEqual(networkReports, []);
});
