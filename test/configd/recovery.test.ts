import { access, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "ava";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fact } from "../../src/base/messages/facts.ts";
import { boot } from "../../src/configd/boot.ts";
import { applianceOwners } from "../../src/configd/machine/file-owners.ts";
import {
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { parseSettings } from "../../src/settings/parse.ts";
import { type TestAppliance, testAppliance } from "../testkit/configd/test-appliance.ts";

const lockedOut: Settings = {
  ...defaultSettings,
  hostname: "scanner-1",
  network: {
    mode: "single",
    lan: {
      ...defaultInterface,
      vlan: 7,
      ipv4: { method: "static", address: "192.0.2.20/24", gateway: "192.0.2.1" },
      dns: { servers: ["192.0.2.53"], search: [] },
    },
  },
  platform: { url: "https://platform.outrider.test" },
};

const bootOf = ({ system, paths }: TestAppliance) =>
  boot({ system, paths, owners: applianceOwners(), log: silentLog });
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function settled(appliance: TestAppliance): Promise<void> {
  await bootOf(appliance);
  await appliance.start();
  const { id } = await appliance.console.call("try", {
    settings: lockedOut,
    proxyPassword: "s3cret",
  });
  await appliance.console.call("keep", { id });
}

test("a network reset takes effect at once, keeps what is not the network, and can be undone", async (t) => {
  const appliance = await testAppliance(t);
  const { console, system, paths } = appliance;
  await settled(appliance);
  const { changes } = await console.call("recoverNetwork", {
    by: { how: "console", who: "tty1", why: "" },
  });
  t.true(changes.some(({ field, after }) => field === "IPv4" && after === "DHCP"));
  const status = await console.call("status", {});
  t.deepEqual(status.settings, {
    ...lockedOut,
    network: { mode: "single", lan: defaultInterface },
  });
  t.true(status.secrets.proxyPassword);
  t.regex([...system.installed.values()].join(), /dhcp4: true/);
  const parsed = parseSettings(await readFile(paths.settings.file, "utf8"));
  t.true(parsed.ok && parsed.settings.network.lan.ipv4.method === "dhcp");
  const { entries } = await console.call("history", {});
  t.deepEqual(entries[0]?.by, {
    how: "recovery",
    who: "console tty1",
    why: "network reset",
    reason: fact("kept-network-reset"),
  });
  t.deepEqual(entries[1]?.settings, lockedOut);
});

test("a network reset ends a trial, also one that cannot be taken back, and does without netplan", async (t) => {
  const appliance = await testAppliance(t);
  const { console, system } = appliance;
  await settled(appliance);
  await console.call("try", { settings: { ...lockedOut, hostname: "scanner-2" } });
  system.failing.set("generate", new Error("netplan is broken"));
  await console.call("recoverNetwork", {});
  const status = await console.call("status", {});
  t.is(status.trial, null);
  t.is(status.settings.hostname, "scanner-1");
  t.is(status.settings.network.lan.ipv4.method, "dhcp");
  t.regex([...system.installed.values()].join(), /DHCP=ipv4/);
  t.deepEqual([...system.armed.keys()], [], "no reverter is left");
});

test("a factory reset wants the host name typed", async (t) => {
  const appliance = await testAppliance(t);
  await settled(appliance);
  const error = await t.throwsAsync(
    appliance.console.call("factoryReset", { confirmation: "scanner-2" }),
    { instanceOf: OutriderError },
  );
  t.is(error?.code, "confirmation-wrong");
  t.true(await exists(appliance.paths.settings.file));
  t.false(appliance.system.calls.includes("power reboot"));
});

/** A file in each folder of the data partition. */
async function fill({ paths }: TestAppliance): Promise<void> {
  const files = [
    "identity/device.key",
    "spool/job/part",
    "scan/job/0.xml",
    "content/pack/data",
    "host/machine-id",
  ].map((name) => join(paths.data, name));
  for (const file of files) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, "x");
  }
}

async function left({ paths }: TestAppliance): Promise<string[]> {
  const entries = await readdir(paths.data, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(paths.data.length + 1))
    .sort();
}

/** Files that the boot itself writes again. */
const anew = /^settings\/(?:zero-touch|cards)\.json$/;
const lasting = ["content/pack/data", "host/machine-id"];

test("a factory reset removes what is this appliance's own, and nothing else, then restarts", async (t) => {
  const appliance = await testAppliance(t);
  const { system, paths } = appliance;
  await settled(appliance);
  await fill(appliance);
  await appliance.console.call("factoryReset", { confirmation: " SCANNER-1 " });
  t.deepEqual(await left(appliance), [...lasting, "factory-reset"].sort());
  t.true(
    system.calls.indexOf("stopUnit outrider-agent.service") < system.calls.indexOf("power reboot"),
    "who could write again is stopped first",
  );

  await appliance.kill();
  // A process that was still running wrote once more.
  await writeFile(join(paths.data, "identity/late"), "x");
  await rm(paths.run, { recursive: true });
  await bootOf(appliance);
  t.deepEqual(
    (await left(appliance)).filter((name) => !anew.test(name)),
    lasting,
  );
  await appliance.start();
  const status = await appliance.console.call("status", {});
  t.deepEqual(status.settings, defaultSettings);
  t.like(status.secrets, { proxyPassword: false, activationCode: false });
  t.is(status.settingsSource, "defaults");
  t.is(status.settingsFailure, null);
});

test("the next boot finishes a factory reset that was cut off anywhere", async (t) => {
  for (const survivor of [
    "settings/appliance.yaml",
    "secrets/proxy-password",
    "identity/device.key",
    "spool/job/part",
  ]) {
    const appliance = await testAppliance(t);
    await settled(appliance);
    await fill(appliance);
    await appliance.kill();
    await writeFile(appliance.paths.factoryReset, "");
    for (const name of ["settings", "secrets", "identity", "spool"]) {
      if (survivor.startsWith(name)) break;
      await rm(join(appliance.paths.data, name), { recursive: true });
    }
    await rm(appliance.paths.run, { recursive: true });
    await bootOf(appliance);
    t.deepEqual(
      (await left(appliance)).filter((name) => !anew.test(name)),
      lasting,
      survivor,
    );
  }
});

test("a lease is renewed on the interface of a role", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await appliance.console.call("renew", { role: "lan" });
  t.true(appliance.system.calls.includes("renewLease eth0"));
  await t.throwsAsync(appliance.console.call("renew", { role: "wan" }), {
    message: /interface is not there/,
  });
});
