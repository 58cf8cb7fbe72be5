import test from "ava";
import { errorCodes, isErrorCode } from "../../src/base/messages/error-codes.ts";
import { describeFacts } from "../../src/base/messages/facts.ts";
import type { Surroundings } from "../../src/doctor/path/surroundings.ts";
import type { InterfaceFacts } from "../../src/network/live-model.ts";
import { configuration, eth0, fails, run, short, stage } from "./surroundings.ts";

const only6: InterfaceFacts = {
  ...eth0,
  addresses: ["2001:db8:0:1::50/64"],
  origins: ["static"],
  gateways: ["fe80::1%eth0"],
  gateway: "fe80::1",
  dns: ["2001:db8:0:2::53"],
};
const both: InterfaceFacts = {
  ...eth0,
  addresses: ["192.0.2.10/24", "2001:db8:0:1::50/64"],
  origins: ["dhcp", "router"],
  gateways: ["192.0.2.1", "fe80::1%eth0"],
};

/** The checks of one interface, up to TLS. */
async function paths(
  nic: InterfaceFacts,
  silent: readonly string[] = [],
  change: Partial<Surroundings> = {},
) {
  const asked: string[] = [];
  const results = await run({
    interfaces: async () => [nic],
    neighbourAnswers: async (device, address) => {
      asked.push(`${address} on ${device}`);
      return !silent.includes(address);
    },
    ...change,
  });
  return { lines: short(results).slice(2, -3), results, asked };
}

test("IPv6 alone is a whole path: static, by router advertisement, and with a prefix of one host", async (t) => {
  const expected = ["gateway:lan ok", "dns:2001:db8:0:2::53 ok", "proxy skipped"];
  const networks: Partial<InterfaceFacts>[] = [
    {},
    { addresses: ["2001:db8:0:1:5054:ff:fe0a:1/64"], origins: ["router"] },
    { addresses: ["2001:db8:0:1::1a0/128"], origins: ["dhcpv6"] },
    { addresses: ["2001:db8:0:1::50/128"], gateways: ["2001:db8:ffff::1"] },
  ];
  for (const network of networks) {
    const { lines, asked } = await paths({ ...only6, ...network });
    t.deepEqual(lines, expected, JSON.stringify(network));
    t.deepEqual(asked, [`${network.gateways?.[0] ?? "fe80::1%eth0"} on eth0`]);
  }
});

test("a link-local DNS server is asked with its zone, also while the gateway is silent", async (t) => {
  const nic = { ...only6, dns: ["fe80::53%eth0", "2001:db8:0:2::53"] };
  t.deepEqual((await paths(nic, ["fe80::1%eth0"])).lines, [
    "gateway:lan failed gateway-silent",
    "dns:fe80::53%eth0 ok",
    "dns:2001:db8:0:2::53 skipped",
    "proxy skipped",
  ]);
});

test("a gateway is a neighbour itself, also where the prefix has no other", async (t) => {
  for (const [addresses, gateway] of [
    [["203.0.113.7/32"], "198.51.100.1"],
    [["2001:db8:0:1::50/128"], "2001:db8:ffff::1"],
  ] as const) {
    const nic = { ...eth0, addresses: [...addresses], gateways: [gateway], dns: [gateway] };
    t.deepEqual((await paths(nic, [gateway])).lines.slice(0, 2), [
      "gateway:lan failed gateway-silent",
      `dns:${gateway} ok`,
    ]);
  }
});

test("each family's gateway is asked; one that nothing needs is only a warning", async (t) => {
  const dns = ["192.0.2.53", "2001:db8:0:2::53"];
  t.deepEqual((await paths({ ...both, dns })).lines.slice(0, 2), [
    "gateway:lan ok",
    "gateway:lan:fe80::1%eth0 ok",
  ]);
  t.deepEqual((await paths({ ...both, dns }, ["fe80::1%eth0"])).lines.slice(0, 2), [
    "gateway:lan ok",
    "gateway:lan:fe80::1%eth0 warning gateway-silent",
  ]);
  t.deepEqual((await paths({ ...both, dns }, ["192.0.2.1"])).lines.slice(0, 2), [
    "gateway:lan warning gateway-silent",
    "gateway:lan:fe80::1%eth0 ok",
  ]);
  t.deepEqual((await paths({ ...both, dns }, both.gateways)).lines, [
    "gateway:lan failed gateway-silent",
    "gateway:lan:fe80::1%eth0 failed gateway-silent",
    "dns:192.0.2.53 ok",
    "dns:2001:db8:0:2::53 skipped",
    "proxy skipped",
  ]);
});

test("the gateway of the family that the path needs fails, and not what lies beyond it", async (t) => {
  const silent6 = ["fe80::1%eth0"];
  t.deepEqual((await paths({ ...both, dns: ["2001:db8:0:2::53"] }, silent6)).lines, [
    "gateway:lan ok",
    "gateway:lan:fe80::1%eth0 failed gateway-silent",
    "dns:2001:db8:0:2::53 skipped",
    "proxy skipped",
  ]);
  const byAddress = {
    configuration: { ...configuration, platformUrl: "https://[2001:db8:9::80]" },
  };
  const { results } = await paths(both, silent6, byAddress);
  t.deepEqual(
    short(results).filter((line) => /failed|service/.test(line)),
    ["gateway:lan:fe80::1%eth0 failed gateway-silent", "service:platform skipped"],
  );
  const by4 = { configuration: { ...configuration, platformUrl: "https://203.0.113.80" } };
  t.deepEqual(
    short((await paths(both, silent6, by4)).results).filter((line) => /failed|service/.test(line)),
    ["service:platform ok"],
  );
});

test("addresses are named with their origin", async (t) => {
  const { results } = await paths({
    ...both,
    addresses: ["192.0.2.10/24", "2001:db8:0:1::5/64", "2001:db8:0:1::1a0/128", "2001:db8::9/64"],
    origins: ["dhcp", "router", "dhcpv6", "static"],
  });
  t.is(
    describeFacts(results.find(({ id }) => id === "address:lan")?.facts ?? []),
    "192.0.2.10/24 by DHCP; 2001:db8:0:1::5/64 by router advertisement; 2001:db8:0:1::1a0/128 by DHCPv6; 2001:db8::9/64, static",
  );
});

test("the rule for the firewall names the address of the family that is connected to", async (t) => {
  const ruleFor = async (platformUrl: string) => {
    const results = await run(
      { interfaces: async () => [both], configuration: { ...configuration, platformUrl } },
      () => fails("connect-silent", stage("resolve"), stage("connect")),
    );
    return results.find(({ check }) => check === "service")?.detail ?? "";
  };
  t.regex(await ruleFor("https://[2001:db8:9::80]"), /2001:db8:0:1::50/);
  t.regex(await ruleFor("https://203.0.113.80"), /192\.0\.2\.10/);
});

test("why there is no gateway follows from where the addresses are from, with a remedy that can be carried out", async (t) => {
  const cases: [string, Partial<InterfaceFacts>, string, RegExp][] = [
    [
      "option 121 without a default",
      { origins: ["dhcp"], dhcp: true, leasedRoutes: ["10.0.0.0/8", "203.0.113.0/24"] },
      "lease-without-gateway",
      /option 121\) to 10\.0\.0\.0\/8, 203\.0\.113\.0\/24/,
    ],
    [
      "neither option 3 nor option 121",
      { origins: ["dhcp"], dhcp: true },
      "lease-without-gateway",
      /neither a router \(option 3\) nor routes/,
    ],
    [
      "an advertisement with a router lifetime of 0",
      { addresses: ["2001:db8::5/64"], origins: ["router"] },
      "router-not-default",
      /^eth0 /,
    ],
    [
      "DHCPv6 without a router",
      { addresses: ["2001:db8::1a0/128"], origins: ["dhcpv6"] },
      "router-not-default",
      /^eth0 /,
    ],
    [
      "a lease beside an advertisement",
      { addresses: ["192.0.2.10/24", "2001:db8::5/64"], origins: ["dhcp", "router"], dhcp: true },
      "lease-without-gateway",
      /option 3/,
    ],
    ["a static address", {}, "no-route", /^eth0 has no default gateway$/],
  ];
  for (const [name, network, code, detail] of cases) {
    const { results } = await paths({ ...eth0, gateways: [], gateway: null, ...network });
    const found = results.find(({ check }) => check === "gateway");
    t.is(found?.code, code, name);
    t.regex(found?.detail ?? "", detail, name);
    t.is(
      isErrorCode(code) && /Set a gateway on the Network/.test(errorCodes[code].remedy),
      code === "no-route",
      name,
    );
  }
});
