import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "ava";
import { journalLog } from "../../src/base/log.ts";
import type { ProposedChange } from "../../src/configd/api/shapes.ts";
import {
  defaultHttpProxy,
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { codeOf, type TestAppliance, testAppliance } from "../testkit/configd/test-appliance.ts";

const password = "typed-p:a@s%s#w \"o'rd ü€ñ";
const viaProxy: Settings = {
  ...defaultSettings,
  platform: { url: "https://platform.outrider.test" },
  proxy: {
    ...defaultHttpProxy,
    host: "proxy.outrider.test",
    authentication: "basic",
    user: "anna",
  },
};
const typed: ProposedChange = { settings: viaProxy, proxyPassword: password };
const withNetwork = (lan: Partial<Settings["network"]["lan"]>): Settings => ({
  ...viaProxy,
  network: { mode: "single", lan: { ...defaultInterface, ...lan } },
});

/** Every file below the appliance's root, with its text. */
async function filesOf({ paths }: TestAppliance): Promise<Map<string, string>> {
  const root = dirname(dirname(paths.consoleSocket));
  const files = new Map<string, string>();
  for (const folder of new Set([root, paths.data])) {
    for (const name of await readdir(folder, { recursive: true })) {
      const path = join(folder, name);
      if ((await stat(path).catch(() => null))?.isFile())
        files.set(path, (await readFile(path)).toString("latin1"));
    }
  }
  return files;
}

test("what is typed is tested, and neither settings nor secrets nor units change", async (t) => {
  const appliance = await testAppliance(t);
  const lines: string[] = [];
  await appliance.start({ log: journalLog((line) => lines.push(line)) });
  const before = await filesOf(appliance);
  const { settings, secrets } = await appliance.console.call("status", {});
  const calls = appliance.system.calls.length;
  const result = { id: "proxy:login", check: "proxy", subject: "log-in at the proxy" };
  const found = { ...result, outcome: "ok" as const, code: null, detail: "", durationMs: 1 };
  appliance.system.doctor = async () => [found];

  t.deepEqual(await appliance.console.call("testTyped", { change: typed }), { results: [found] });

  const [tested] = appliance.system.tested;
  t.like(tested, { proxyPassword: password, testsPath: true, interfaces: [] });
  t.like(tested?.configuration, {
    proxy: viaProxy.proxy,
    platformUrl: "https://platform.outrider.test",
    scanDevice: "eth0",
  });
  const status = await appliance.console.call("status", {});
  t.deepEqual(status.settings, settings);
  t.deepEqual(status.secrets, secrets);
  t.is(status.trial, null);
  t.deepEqual(appliance.system.calls.slice(calls), ["testTyped"]);
  const after = await filesOf(appliance);
  const changed = [...after].filter(([path, text]) => before.get(path) !== text);
  t.deepEqual(
    changed.map(([path]) => path.replace(/.*\//, "")),
    ["egress.json"],
    "only the ledger of contacts",
  );
  const marks = [password, "typed-p", Buffer.from(password).toString("base64")];
  for (const text of [...after.values(), ...lines])
    t.false(marks.some((mark) => text.includes(mark)));
});

test("without a typed password the one that is set is tested with, and none where it is removed", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { id } = await appliance.console.call("try", { settings: viaProxy, proxyPassword: "kept" });
  await appliance.console.call("testTyped", { change: { settings: viaProxy } });
  await appliance.console.call("keep", { id });
  await appliance.console.call("testTyped", { change: { settings: viaProxy } });
  await appliance.console.call("testTyped", {
    change: { settings: viaProxy, proxyPassword: null },
  });
  await appliance.console.call("testTyped", { change: typed });
  t.deepEqual(
    appliance.system.tested.map(({ proxyPassword }) => proxyPassword),
    ["kept", "kept", null, password],
  );
});

test("settings that are not valid are refused with their problems, and nothing is tested", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const wrong = withNetwork({
    ipv4: { method: "static", address: "192.0.2.500/24", gateway: null },
  });
  t.is(
    await codeOf(appliance.console.call("testTyped", { change: { settings: wrong } })),
    "settings-invalid",
  );
  t.deepEqual(appliance.system.tested, []);
});

test("the agent's socket does not test what is typed", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  t.is(await codeOf(appliance.agent.call("testTyped", { change: typed })), "not-allowed");
});

test("a typed network is tested by its interfaces; the way through the proxy only where that is typed too", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { id } = await appliance.console.call("try", { settings: viaProxy, proxyPassword: "kept" });
  await appliance.console.call("keep", { id });
  const ask = async (settings: Settings) => {
    await appliance.console.call("testTyped", { change: { settings } });
    const { interfaces, testsPath } = appliance.system.tested.at(-1) ?? {};
    return { interfaces, testsPath };
  };
  const dns = { servers: ["192.0.2.54"], search: [] };
  const lan = {
    role: "lan",
    device: "eth0",
    inVlan: false,
    byDhcp: true,
    addresses: [],
    gateways: [],
    dns: ["192.0.2.54"],
    sameWay: true,
  };
  t.deepEqual(await ask(withNetwork({ dns })), { interfaces: [lan], testsPath: false });
  const ipv4 = { method: "static", address: "192.0.2.50/24", gateway: "192.0.2.9" } as const;
  const fixed = {
    ...lan,
    byDhcp: false,
    addresses: ["192.0.2.50/24"],
    gateways: ["192.0.2.9"],
    sameWay: false,
  };
  t.deepEqual(await ask(withNetwork({ ipv4, dns })), { interfaces: [fixed], testsPath: false });
  t.deepEqual(await ask(withNetwork({ ipv4, dns, vlan: 7 })), {
    interfaces: [{ ...fixed, inVlan: true }],
    testsPath: false,
  });
  t.deepEqual(await ask(withNetwork({ ipv4, dns, macAddress: "52:54:00:00:00:02" })), {
    interfaces: [{ ...fixed, device: "eth1" }],
    testsPath: false,
  });
  const both = await ask({ ...withNetwork({ ipv4, dns }), proxy: { kind: "none" } });
  t.deepEqual(both, { interfaces: [fixed], testsPath: true });
  t.is(appliance.system.tested.at(-1)?.configuration.scanDevice, "eth0");
});

test("the ledger names what a test contacted, and why", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await appliance.console.call("testTyped", { change: typed });
  const { entries } = await appliance.console.call("egress", {});
  t.deepEqual(
    entries
      .filter(({ reason }) => reason?.code === "for-typed")
      .map(({ by, host, port }) => `${by} ${host} ${port}`)
      .sort(),
    ["doctor platform.outrider.test 443", "doctor proxy.outrider.test 3128"],
  );
});

test("two tests run one after the other, and one whose caller hung up is not begun", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  let finish: (() => void) | undefined;
  appliance.system.doctor = () =>
    new Promise((resolve) => {
      finish = () => resolve([]);
    });
  const first = appliance.console.call("testTyped", { change: typed });
  while (!finish) await new Promise((resolve) => setImmediate(resolve));
  const gone = new AbortController();
  const second = appliance.console.call("testTyped", { change: typed }, gone.signal);
  gone.abort(new Error("hung up"));
  await t.throwsAsync(second, { message: "hung up" });
  // configd has noticed by the time that a later call on the same server is answered.
  await appliance.console.call("status", {});
  finish();
  await first;
  const third = appliance.console.call("testTyped", { change: typed });
  while (appliance.system.tested.length < 2) await new Promise((resolve) => setImmediate(resolve));
  finish();
  await third;
  t.is(appliance.system.tested.length, 2);
});
