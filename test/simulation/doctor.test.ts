import test from "ava";
import { agentConfiguration } from "../../src/configd/trial/rendering.ts";
import { assignRoles, renderNetplan } from "../../src/network/netplan.ts";
import {
  defaultHttpProxy,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import type { TypedInterface, TypedSettings } from "../../src/settings/typed-settings.ts";
import {
  describedMachineNames,
  loadDescribedMachine,
} from "../../src/simulation/described-machine.ts";
import type { DescribedNow } from "../../src/simulation/described-now.ts";
import { describedDoctor } from "../../src/simulation/doctor.ts";
import { describedInterfaces, generateDescribed } from "../../src/simulation/network.ts";

const { signal } = new AbortController();
/** Long after every lease. */
const longAgoMs = 3_600_000;

/** A described machine with its own settings, or with others. */
async function now(name: string, change: Partial<Settings> = {}): Promise<DescribedNow> {
  const machine = await loadDescribedMachine(name);
  const settings = { ...(machine.settings ?? defaultSettings), ...change };
  const cards = describedInterfaces(machine, new Map(), () => longAgoMs);
  const devices = assignRoles(settings, cards);
  const files = generateDescribed(renderNetplan(settings, devices));
  return {
    machine,
    configuration: agentConfiguration({ settings, devices }, name),
    interfaces: describedInterfaces(machine, files, () => longAgoMs),
    proxyPassword: machine.secrets?.proxyPassword ?? "",
  };
}

const told = async (given: DescribedNow, typed: TypedSettings | null = null) =>
  (await describedDoctor(given, signal, { typed })).map(({ id, outcome, code }) =>
    [id, outcome, code].filter((part) => part !== null).join(" "),
  );

/** What fails on each described machine; the description says so in words. */
const faults: Readonly<Record<string, readonly string[]>> = {
  "behind-broken-proxy": ["proxy:login failed proxy-authentication-failed"],
  "clock-wrong": ["tls failed tls-clock", "clock failed clock-wrong"],
  "long-values": ["proxy failed proxy-unreachable"],
  "no-dhcp": ["address:lan failed no-address"],
  "not-enrolled": [],
  "one-down": ["link:lan failed link-down"],
  "one-nic": [],
  scanning: [],
  "tls-inspection": ["tls failed tls-untrusted"],
  "two-nics": [],
  "update-waiting": [],
};

test("there is a line for each described machine", async (t) => {
  t.deepEqual(Object.keys(faults), await describedMachineNames());
});

for (const [name, expected] of Object.entries(faults))
  test(`the doctor's own checks find what is described: ${name}`, async (t) => {
    const results = await told(await now(name));
    t.deepEqual(
      results.filter((each) => each.includes(" failed")),
      expected,
    );
  });

test("every check that the real doctor lists on a path that works is listed here, and is ok", async (t) => {
  t.deepEqual(await told(await now("scanning")), [
    "link:lan ok",
    "address:lan ok",
    "duplicate:lan ok",
    "gateway:lan ok",
    "dns:192.0.2.1 ok",
    "source ok",
    "proxy skipped",
    "tls ok",
    "service:enrolment ok",
    "service:health ok",
    "service:updates ok",
    "service:jobs ok",
    "service:results ok",
    "clock ok",
    "certificate:trusted skipped",
    "certificate:platform ok",
    "resources:disk ok",
    "resources:memory ok",
  ]);
});

test("one check alone can be asked for", async (t) => {
  const results = await describedDoctor(await now("scanning"), signal, { only: "gateway" });
  t.deepEqual(
    results.map(({ id }) => id),
    ["gateway:lan"],
  );
});

type HttpProxySettings = typeof defaultHttpProxy;

const throughProxy = (change: Partial<HttpProxySettings>): Partial<Settings> => ({
  proxy: { ...defaultHttpProxy, host: "proxy.example.test", ...change },
});

test("through the described proxy the way is open with its user and a password, and with nothing else", async (t) => {
  const steps = async (change: Partial<HttpProxySettings>) =>
    (await told(await now("behind-broken-proxy", throughProxy(change)))).filter((each) =>
      /^(proxy|tls|service:health)/.test(each),
    );
  t.deepEqual(await steps({ authentication: "basic", user: "scanner" }), [
    "proxy ok",
    "proxy:login ok",
    "proxy:connect ok",
    "tls ok",
    "service:health ok",
  ]);
  t.true(
    (await steps({ authentication: "none", user: "" })).includes(
      "proxy:login failed proxy-authentication-required",
    ),
  );
  t.true((await steps({ port: 8080 })).includes("proxy failed proxy-unreachable"));
  const direct = await told(await now("behind-broken-proxy", { proxy: { kind: "none" } }));
  t.true(direct.includes("service:health failed connect-silent"), "the firewall lets nobody out");
});

test("in split mode both sides are checked, and each gateway is judged as the real doctor does", async (t) => {
  const { lan } = defaultSettings.network;
  const results = await told(
    await now("two-nics", { network: { mode: "split", lan, wan: { ...lan } } }),
  );
  t.true(results.includes("scan-side ok"));
  t.true(results.includes("neighbour:lan ok"));
  t.true(results.includes("gateway:wan failed gateway-silent"), "nobody described it");
});

const lan: TypedInterface = {
  role: "lan",
  device: "eth0",
  inVlan: false,
  byDhcp: false,
  addresses: ["192.0.2.60/24"],
  gateways: ["192.0.2.1"],
  dns: ["192.0.2.53", "192.0.2.99"],
  sameWay: true,
};

test("what is typed is tested by the same checks as on a real appliance", async (t) => {
  const given = await now("scanning");
  const typed = { configuration: given.configuration, proxyPassword: null, testsPath: false };
  t.deepEqual(await told(given, { ...typed, interfaces: [lan] }), [
    "link:lan ok",
    "address:lan ok",
    "gateway:lan ok",
    "dns:192.0.2.53 ok",
    "dns:192.0.2.99 failed dns-silent",
  ]);
  const wrong = { ...lan, gateways: ["192.0.2.254"] };
  t.true(
    (await told(given, { ...typed, interfaces: [wrong] })).includes(
      "gateway:lan failed gateway-silent",
    ),
  );
});
