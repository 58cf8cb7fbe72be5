import { Readable } from "node:stream";
import test from "ava";
import fc from "fast-check";
import { OutriderError } from "../../src/base/messages/error.ts";
import { describeFacts } from "../../src/base/messages/facts.ts";
import type { Surroundings } from "../../src/doctor/path/surroundings.ts";
import { runChecks } from "../../src/doctor/run-checks.ts";
import { proxyAlone } from "../../src/doctor/typed/proxy-alone.ts";
import { readTyped } from "../../src/doctor/typed/read-typed.ts";
import {
  type IsTaken,
  typedNetworkChecks,
  typedSurroundings,
} from "../../src/doctor/typed/typed-network.ts";
import type { AgentConfiguration } from "../../src/settings/agent-configuration.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import {
  longestTypedSettings,
  type TypedInterface,
  type TypedSettings,
} from "../../src/settings/typed-settings.ts";
import {
  configuration,
  eth0,
  fails,
  short,
  silentDns,
  splitConfiguration,
  stage,
  surroundings,
  type Way,
} from "./surroundings.ts";

const lan: TypedInterface = {
  role: "lan",
  device: "eth0",
  inVlan: false,
  byDhcp: false,
  addresses: ["192.0.2.50/24"],
  gateways: ["192.0.2.9"],
  dns: ["192.0.2.53"],
  sameWay: false,
};

const typed = (...interfaces: TypedInterface[]): TypedSettings => ({
  configuration,
  proxyPassword: null,
  interfaces,
  testsPath: false,
});

/** Those of the link that answer. */
const neighbours =
  (...present: string[]): IsTaken =>
  async (_, address) =>
    present.includes(address);

async function tested(
  settings: TypedSettings,
  isTaken: IsTaken,
  change: Partial<Surroundings> = {},
) {
  const results = [];
  for await (const result of runChecks(
    typedSurroundings(surroundings(change), settings),
    new AbortController().signal,
    null,
    typedNetworkChecks(settings, isTaken),
  ))
    results.push(result);
  return results;
}

test("a typed gateway that nobody has on the link fails, before anything is applied", async (t) => {
  const results = await tested(typed(lan), neighbours("192.0.2.1"));
  t.deepEqual(short(results), [
    "link:lan ok",
    "address:lan ok",
    "gateway:lan failed gateway-silent",
    "dns:192.0.2.53 ok",
  ]);
});

test("a typed address that another machine has is named", async (t) => {
  const results = await tested(typed(lan), neighbours("192.0.2.50", "192.0.2.9"));
  t.like(results[1], { id: "address:lan", outcome: "failed", code: "address-duplicate" });
  t.is(results[2]?.outcome, "ok");
});

test("the machine's own address is not asked for: it would answer for itself", async (t) => {
  const asked: string[] = [];
  const results = await tested(
    typed({ ...lan, addresses: ["192.0.2.10/24"] }),
    async (_, address) => {
      asked.push(address);
      return true;
    },
  );
  t.is(results[1]?.outcome, "ok");
  t.deepEqual(asked, ["192.0.2.9"]);
});

test("a typed DNS server that is silent over the present network fails where only DNS changed, and is a warning where the network is another", async (t) => {
  const change = { askDns: silentDns };
  const same = await tested(typed({ ...lan, sameWay: true }), neighbours("192.0.2.9"), change);
  t.is(same.at(-1)?.outcome, "failed");
  const other = await tested(typed(lan), neighbours("192.0.2.9"), change);
  t.like(other.at(-1), { outcome: "warning", code: "dns-silent" });
  t.regex(describeFacts(other.at(-1)?.facts ?? []) ?? "", /network as it is now/);
});

test("what only the trial can show is skipped, and says so", async (t) => {
  const reason = async (given: Partial<TypedInterface>, change?: Partial<Surroundings>) => {
    const results = await tested(typed({ ...lan, ...given }), async () => null, change);
    return results
      .filter(({ outcome }) => outcome === "skipped")
      .map(({ id, facts }) => `${id}: ${describeFacts(facts ?? [])}`);
  };
  t.deepEqual(await reason({ byDhcp: true, addresses: [], gateways: [] }), [
    "address:lan: only the trial shows whether a DHCP server answers",
  ]);
  t.deepEqual(await reason({ inVlan: true }), [
    "address:lan: only the trial shows who answers in the VLAN",
    "gateway:lan: only the trial shows who answers in the VLAN",
  ]);
  t.deepEqual(await reason({ addresses: [], gateways: [] }), [
    "address:lan: only the trial shows whether IPv6 works",
  ]);
  const offline = { interfaces: async () => [{ ...eth0, addresses: [] }] };
  t.true(
    (await reason({}, offline)).includes(
      "dns:192.0.2.53: the network as it is now has no address to ask from",
    ),
  );
  t.deepEqual(await reason({}), [
    "address:lan: this cannot be asked on the link before it is applied",
    "gateway:lan: this cannot be asked on the link before it is applied",
  ]);
});

test("addresses and gateways of IPv6 are asked for on the link, as those of IPv4", async (t) => {
  const both = {
    ...lan,
    addresses: ["192.0.2.50/24", "2001:DB8::5/64"],
    gateways: ["192.0.2.9", "2001:db8::1"],
  };
  const all = ["192.0.2.9", "2001:db8::1"];
  t.deepEqual(short(await tested(typed(both), neighbours(...all))).slice(1, 4), [
    "address:lan ok",
    "gateway:lan ok",
    "gateway:lan:2001:db8::1 ok",
  ]);
  const results = await tested(typed(both), neighbours("192.0.2.9", "2001:db8::5"));
  t.deepEqual(short(results).slice(1, 4), [
    "address:lan failed address-duplicate",
    "gateway:lan ok",
    "gateway:lan:2001:db8::1 failed gateway-silent",
  ]);
  t.is(describeFacts(results[1]?.facts ?? []), "somebody on eth0 answers for 2001:db8::5");
});

test("where the card has no IPv6 yet, each typed value of it is told as not tested, beside one of IPv4 that is", async (t) => {
  const only4: IsTaken = async (_, address) => (address.includes(":") ? null : false);
  const six = { gateways: ["2001:db8::1"], dns: ["2001:db8::53"] };
  const told = async (addresses: string[], change?: Partial<Surroundings>) => {
    const results = await tested(typed({ ...lan, addresses, ...six }), only4, change);
    return results.map(
      ({ id, outcome, facts }) => `${id} ${outcome}: ${describeFacts(facts ?? [])}`,
    );
  };
  const gateway =
    "gateway:lan skipped: IPv6 cannot be asked on eth0 as it is now; the trial shows it";
  const dns =
    "dns:2001:db8::53 skipped: the network as it is now has no address of IPv6 to ask from";
  t.deepEqual((await told(["2001:db8::5/64"])).slice(1), [
    "address:lan skipped: IPv6 cannot be asked on eth0 as it is now; the trial shows it",
    gateway,
    dns,
  ]);
  t.deepEqual((await told(["192.0.2.50/24", "2001:db8::5/64"])).slice(1), [
    "address:lan ok: nobody on eth0 has 192.0.2.50; whether 2001:db8::5 is free cannot be asked on eth0 as it is now",
    gateway,
    dns,
  ]);
  const with6 = { interfaces: async () => [{ ...eth0, addresses: ["2001:db8::10/64"] }] };
  t.regex((await told(["2001:db8::5/64"], with6)).at(-1) ?? "", /^dns:2001:db8::53 ok/);
});

test("a static address of IPv6 beside DHCP is tested, and that DHCP is not is said", async (t) => {
  const results = await tested(
    typed({ ...lan, byDhcp: true, addresses: ["2001:db8::5/64"], gateways: [] }),
    neighbours(),
  );
  t.is(results[1]?.outcome, "ok");
  t.is(
    describeFacts(results[1]?.facts ?? []),
    "nobody on eth0 has 2001:db8::5; only the trial shows whether a DHCP server answers",
  );
});

test("a card without a link is named, and nothing is asked on it", async (t) => {
  const results = await tested(typed({ ...lan, device: "eth1" }), neighbours(), {
    interfaces: async () => [eth0, { ...eth0, name: "eth1", linkUp: false }],
  });
  t.deepEqual(short(results).slice(0, 3), [
    "link:lan failed link-down",
    "address:lan skipped",
    "gateway:lan skipped",
  ]);
});

test("both roles of a typed split network are tested, and DNS only from the side that calls home", async (t) => {
  const wan: TypedInterface = { ...lan, role: "wan", device: "eth1", gateways: ["198.51.100.1"] };
  const results = await tested(typed(lan, wan), neighbours("192.0.2.9"), {
    interfaces: async () => [eth0, { ...eth0, name: "eth1" }],
  });
  t.deepEqual(short(results), [
    "link:lan ok",
    "address:lan ok",
    "gateway:lan ok",
    "link:wan ok",
    "address:wan ok",
    "gateway:wan failed gateway-silent",
    "dns:192.0.2.53 ok",
  ]);
});

test("an error of the DNS server itself is shown with its code", async (t) => {
  const results = await tested(typed({ ...lan, sameWay: true }), neighbours("192.0.2.9"), {
    askDns: async () => {
      throw new OutriderError("dns-refused");
    },
  });
  t.is(results.at(-1)?.code, "dns-refused");
});

test("typed settings come back from the standard input as they were, in any chunks; too long or broken ones are refused without their values", async (t) => {
  const settings = { ...typed(lan), proxyPassword: "p:a@s%s#w \"o'rd \\ $x ü€ñ" };
  const bytes = Buffer.from(JSON.stringify(settings));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      t.deepEqual(await readTyped(Readable.from(chunks)), settings);
    }),
  );
  const wrong = { ...settings, proxyPassword: { secret: "hunter2" } };
  const refusal = await t.throwsAsync(
    readTyped(Readable.from([Buffer.from(JSON.stringify(wrong))])),
  );
  t.false(refusal?.message.includes("hunter2"));
  await t.throwsAsync(readTyped(Readable.from([Buffer.alloc(longestTypedSettings + 1)])), {
    message: /too long/,
  });
});

test("a proxy that is typed before the platform is known is asked for a host that nobody has: it answers, and takes the log-in or not", async (t) => {
  const withLogin: AgentConfiguration = {
    ...configuration,
    platformUrl: null,
    proxy: { ...defaultHttpProxy, host: "proxy.outrider.test", user: "anna" },
  };
  const asked: string[] = [];
  const test = async (way: Way) => {
    const alone = proxyAlone(
      surroundings({ configuration: withLogin }, (host) => {
        asked.push(host);
        return way;
      }),
    );
    if (alone === null) return null;
    const results = [];
    for await (const result of runChecks(
      alone.surroundings,
      new AbortController().signal,
      null,
      alone.checks,
    ))
      results.push(result);
    return short(results).slice(-3);
  };
  const [name, tcp, tunnel] = [stage("resolve"), stage("connect"), stage("proxy")];
  for (const code of ["proxy-target-unreachable", "proxy-target-unknown"] as const)
    t.deepEqual(await test(fails(code, name, tcp, tunnel)), [
      "proxy ok",
      "proxy:login ok",
      "proxy:connect skipped",
    ]);
  t.deepEqual(await test(fails("proxy-denied", name, tcp, tunnel)), [
    "proxy ok",
    "proxy:login ok",
    "proxy:connect skipped",
  ]);
  t.deepEqual(await test(fails("proxy-authentication-failed", name, tcp, tunnel)), [
    "proxy ok",
    "proxy:login failed proxy-authentication-failed",
    "proxy:connect skipped",
  ]);
  t.deepEqual(await test(fails("connect-refused", name, tcp)), [
    "proxy failed connect-refused",
    "proxy:login skipped",
    "proxy:connect skipped",
  ]);
  t.true(asked.every((host) => host === "platform.invalid"));
  t.is(proxyAlone(surroundings({})), null, "with a platform the whole way is tested");
});

test("on the card that scans now, which the guards keep to scans, nothing is asked", async (t) => {
  const wan: TypedInterface = { ...lan, role: "wan", device: "eth1" };
  const asked: string[] = [];
  const split = splitConfiguration;
  const results = await tested(
    { ...typed(lan, wan), configuration: split },
    async (device) => {
      asked.push(device);
      return false;
    },
    { interfaces: async () => [eth0, { ...eth0, name: "eth1" }] },
  );
  t.deepEqual(new Set(asked), new Set(["eth1"]));
  t.deepEqual(short(results).slice(0, 3), [
    "link:lan ok",
    "address:lan skipped",
    "gateway:lan skipped",
  ]);
});
