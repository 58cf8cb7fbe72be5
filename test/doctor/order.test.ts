import test from "ava";
import { quoted } from "../../src/base/messages/facts.ts";
import type { Surroundings } from "../../src/doctor/path/surroundings.ts";
import type { InterfaceFacts } from "../../src/network/live-model.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import {
  all,
  configuration,
  eth0,
  fails,
  platform,
  proxied,
  run,
  short,
  silentDns,
  splitConfiguration,
  stage,
  through,
  type Way,
} from "./surroundings.ts";

test("on a path that works every check is ok, each service by its name", async (t) => {
  t.deepEqual(all(await run({ platform })), [
    "link:lan ok",
    "address:lan ok",
    "duplicate:lan ok",
    "gateway:lan ok",
    "dns:192.0.2.53 ok",
    "dns:198.51.100.53 ok",
    "source ok",
    "proxy skipped",
    "tls ok",
    "service:enrolment ok",
    "service:health ok",
    "service:updates ok",
    "service:jobs ok",
    "service:results ok",
    "clock skipped",
    "certificate:trusted skipped",
    "certificate:platform skipped",
    "resources:disk ok",
    "resources:memory ok",
  ]);
});

test("before the enrolment only the platform's own address is probed", async (t) => {
  const asked: string[] = [];
  const results = await run({}, (host) => {
    asked.push(host);
    return through;
  });
  t.deepEqual(asked, ["platform.outrider.test"]);
  t.is(short(results).at(-2), "service:platform ok");
  t.is(
    short(await run({ configuration: { ...configuration, platformUrl: null } })).at(-2),
    "service:platform skipped",
  );
});

test("services that are silent beside a rejected one are probed once more, since ICMP errors are limited in rate", async (t) => {
  const after = async (first: (host: string) => Way, then: (host: string) => Way) => {
    const asked: string[] = [];
    const results = await run({ platform }, (host) => {
      const again = asked.includes(host);
      asked.push(host);
      return (again ? then : first)(host);
    });
    const repeated = asked
      .filter((host, index) => asked.indexOf(host) < index)
      .map((host) => host.split(".")[0]);
    return {
      services: short(results.filter(({ check }) => check === "service")).map((text) =>
        text.replace(/^service:/, ""),
      ),
      repeated,
    };
  };
  const rejected = fails("connect-unreachable", stage("resolve"), stage("connect"));
  const silent = fails("connect-silent", stage("resolve"), stage("connect"));
  const all = ["enrolment", "health", "updates", "jobs", "results"];
  const some = (host: string) =>
    host.startsWith("jobs") || host.startsWith("health") ? rejected : silent;

  const limited = await after(some, () => rejected);
  t.deepEqual(
    limited.services,
    all.map((name) => `${name} failed connect-unreachable`),
  );
  t.deepEqual(
    limited.repeated,
    ["enrolment", "updates", "results"],
    "only those that heard nothing",
  );
  const other = await after(some, () => silent);
  t.deepEqual(
    other.services.slice(0, 2),
    ["enrolment failed connect-silent", "health failed connect-unreachable"],
    "what stays silent is called so",
  );
  t.deepEqual(other.repeated, ["enrolment", "updates", "results"], "and is not asked a third time");
  t.deepEqual(
    (
      await after(
        () => silent,
        () => through,
      )
    ).repeated,
    [],
    "silence alone is not asked again",
  );
});

test("only the first cause is shown as failed, and the rest is skipped with the reason", async (t) => {
  const cases: [string, Partial<Surroundings>, string][] = [
    ["no such interface", { interfaces: async () => [] }, "link:lan failed interface-missing"],
    [
      "no role",
      { configuration: { ...configuration, scanDevice: null } },
      "link:lan failed interface-missing",
    ],
    [
      "no link",
      { interfaces: async () => [{ ...eth0, linkUp: false, addresses: [] }] },
      "link:lan failed link-down",
    ],
    [
      "no address",
      { interfaces: async () => [{ ...eth0, addresses: [], gateways: [], dns: [] }] },
      "address:lan failed no-address",
    ],
    [
      "no DNS server",
      { interfaces: async () => [{ ...eth0, dns: [] }] },
      "dns:none failed dns-no-server",
    ],
  ];
  for (const [name, change, expected] of cases) {
    const results = await run(change);
    t.deepEqual(
      short(results).filter((line) => line.includes("failed")),
      [expected],
      name,
    );
    for (const result of results) if (result.outcome === "skipped") t.not(result.detail, "", name);
  }
});

test("a silent gateway stops what lies beyond it and not what is on the link", async (t) => {
  const results = await run({ neighbourAnswers: async () => false });
  t.deepEqual(short(results), [
    "link:lan ok",
    "address:lan ok",
    "gateway:lan failed gateway-silent",
    "dns:192.0.2.53 ok",
    "dns:198.51.100.53 skipped",
    "proxy skipped",
    "tls ok",
    "service:platform ok",
    "clock skipped",
  ]);
  const local = {
    ...proxied,
    proxy: { ...defaultHttpProxy, host: "192.0.2.20", authentication: "none" },
  } as const;
  t.is(
    short(await run({ neighbourAnswers: async () => false, configuration: local })).at(-2),
    "service:platform ok",
  );
  const remote = { ...local, proxy: { ...local.proxy, host: "198.51.100.20" } };
  t.is(
    short(await run({ neighbourAnswers: async () => false, configuration: remote })).at(-2),
    "service:platform skipped",
  );
});

test("a missing gateway is reported", async (t) => {
  t.true(
    short(await run({ interfaces: async () => [{ ...eth0, gateways: [] }] })).includes(
      "gateway:lan failed no-route",
    ),
  );
});

test("one DNS server that is silent beside one that answers is a warning, all of them are a failure", async (t) => {
  const one = await run({
    askDns: async (server) =>
      server === "192.0.2.53" ? silentDns(server) : quoted("x is 1.2.3.4"),
  });
  t.deepEqual(short(one).slice(3, 5), [
    "dns:192.0.2.53 warning dns-silent",
    "dns:198.51.100.53 ok",
  ]);
  const all = await run({ askDns: silentDns });
  t.deepEqual(short(all).slice(3), [
    "dns:192.0.2.53 failed dns-silent",
    "dns:198.51.100.53 failed dns-silent",
    "proxy skipped",
    "tls skipped",
    "service:platform skipped",
    "clock skipped",
  ]);
});

test("in split mode WAN is checked for calling home, and LAN's link and address before it", async (t) => {
  const eth1: InterfaceFacts = {
    ...eth0,
    name: "eth1",
    addresses: ["198.51.100.50/24"],
    gateways: ["198.51.100.1"],
    dns: ["198.51.100.1"],
  };
  const split = {
    configuration: splitConfiguration,
    interfaces: async () => [{ ...eth0, addresses: [], linkUp: false }, eth1],
  };
  t.deepEqual(short(await run(split)).slice(0, 6), [
    "link:lan failed link-down",
    "address:lan skipped",
    "link:wan ok",
    "address:wan ok",
    "gateway:wan ok",
    "dns:198.51.100.1 ok",
  ]);
  t.true(short(await run(split)).includes("service:platform ok"));
});

test("a WAN card that is missing is a fault of WAN, and LAN is not taken for the way home", async (t) => {
  const asked: string[] = [];
  const pulled = {
    configuration: { ...splitConfiguration, managementDevice: null },
    interfaces: async () => [eth0],
    neighbourAnswers: async (device: string) => asked.push(device) > 0,
  };
  const results = short(await run({ ...pulled, platform }));
  t.deepEqual(
    results.filter((each) => /^(link|address|gateway|source)/.test(each)),
    [
      "link:lan ok",
      "address:lan ok",
      "link:wan failed interface-missing",
      "address:wan skipped",
      "gateway:wan skipped",
    ],
  );
  // By the LAN's own check, as the scan's user.
  t.deepEqual(new Set(asked), new Set(["eth0"]));
});

test("one check, or one of its results, can be run by itself", async (t) => {
  const asked: string[] = [];
  const note = (host: string): Way => {
    asked.push(host);
    return through;
  };
  const fail = async (): Promise<never> => {
    throw new Error("not asked for");
  };
  t.deepEqual(
    short(await run({ platform, neighbourAnswers: fail, askDns: fail }, note, "service:jobs")),
    ["service:jobs ok"],
  );
  t.deepEqual(asked, ["jobs.outrider.test"]);
  t.deepEqual(short(await run({ platform, neighbourAnswers: fail }, note, "dns")), [
    "dns:192.0.2.53 ok",
    "dns:198.51.100.53 ok",
  ]);
  t.deepEqual(short(await run({ platform, askDns: fail }, note, "gateway:lan")), [
    "gateway:lan ok",
  ]);
  t.is(asked.length, 1);
  t.deepEqual(short(await run({ platform }, note, "tls")), ["tls ok"]);
  t.is(asked.length, 2);
  t.deepEqual(
    short(
      await run({}, () => fails("connect-silent", stage("resolve"), stage("connect")), "service"),
    ),
    ["service:platform failed connect-silent"],
  );
  t.deepEqual(await run({}, note, "no-such-check"), []);
});

test("a silent IPv4 gateway does not stop IPv6 neighbours, nor a platform that is one", async (t) => {
  const results = await run({
    neighbourAnswers: async () => false,
    configuration: { ...configuration, platformUrl: "https://[2001:db8::80]" },
    interfaces: async () => [
      {
        ...eth0,
        addresses: ["192.0.2.10/24", "2001:db8::10/64"],
        dns: ["2001:db8::53", "2001:db9::53"],
      },
    ],
  });
  t.deepEqual(short(results), [
    "link:lan ok",
    "address:lan ok",
    "gateway:lan failed gateway-silent",
    "dns:2001:db8::53 ok",
    "dns:2001:db9::53 skipped",
    "proxy skipped",
    "tls ok",
    "service:platform ok",
    "clock skipped",
  ]);
});
