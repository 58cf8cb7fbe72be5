import test from "ava";
import type { Lease, OwnMachine } from "../../src/doctor/path/own-machine.ts";
import type { Surroundings } from "../../src/doctor/path/surroundings.ts";
import { runChecks } from "../../src/doctor/run-checks.ts";
import type { InterfaceFacts } from "../../src/network/live-model.ts";
import {
  all,
  configuration,
  eth0,
  healthyMachine,
  run,
  splitConfiguration,
  surroundings,
} from "./surroundings.ts";

const on = (
  machine: Partial<OwnMachine>,
  nic: Partial<InterfaceFacts> = {},
  change: Partial<Surroundings> = {},
) =>
  run({
    machine: { ...healthyMachine, ...machine },
    interfaces: async () => [{ ...eth0, ...nic }],
    ...change,
  });

async function found(id: string, results: ReturnType<typeof on>) {
  const result = (await results).find((each) => each.id === id);
  return `${all(result ? [result] : [])[0]}: ${result?.detail}`;
}

test("half duplex and 10 Mb/s are warnings; a card that reports nothing is as it should be", async (t) => {
  const cases: [Awaited<ReturnType<OwnMachine["cardMode"]>>, string][] = [
    [{ speedMbps: 1000, duplex: "full" }, "ok: {mac}, 1000 Mb/s, full duplex"],
    [{ speedMbps: 100, duplex: "half" }, "warning link-half-duplex: {mac}, 100 Mb/s, half duplex"],
    [{ speedMbps: 10, duplex: "half" }, "warning link-half-duplex: {mac}, 10 Mb/s, half duplex"],
    [{ speedMbps: 10, duplex: "full" }, "warning link-slow: {mac}, 10 Mb/s, full duplex"],
    [{ speedMbps: 100, duplex: "full" }, "ok: {mac}, 100 Mb/s, full duplex"],
    [{ speedMbps: 2500, duplex: null }, "ok: {mac}, 2500 Mb/s"],
    [{ speedMbps: null, duplex: "half" }, "warning link-half-duplex: {mac}, half duplex"],
    [{ speedMbps: null, duplex: null }, "ok: {mac}"],
  ];
  for (const [mode, expected] of cases)
    t.is(
      await found("link:lan", on({ cardMode: async () => mode })),
      `link:lan ${expected.replace("{mac}, ", "{mac}; ").replace("{mac}", "52:54:00:00:00:01, link is up")}`,
      JSON.stringify(mode),
    );
});

test("the lease's age and end are shown; one that is overdue says when the address is given up", async (t) => {
  const lease: Lease = {
    server: "192.0.2.1",
    ageSeconds: 1380,
    remainingSeconds: 2220,
    overdueSeconds: 0,
  };
  const told = (each: Lease | null, dhcp = true) =>
    found(
      "address:lan",
      on({ lease: async () => each }, { dhcp, origins: [dhcp ? "dhcp" : "static"] }),
    );
  const fresh =
    "address:lan ok: 192.0.2.10/24 by DHCP; leased by 192.0.2.1 23 min ago, good for 37 min more";
  t.is(await told(lease), fresh);
  t.is(
    await told({ ...lease, overdueSeconds: 60 }),
    fresh,
    "a renewal that is due may be on its way",
  );
  t.is(
    await told({ ...lease, ageSeconds: 7200, remainingSeconds: 600, overdueSeconds: 3600 }),
    "address:lan warning lease-not-renewed: 192.0.2.10/24 by DHCP; leased by 192.0.2.1 2 h ago, good for 10 min more; due to be renewed since 60 min; without a server the address is given up in 10 min",
  );
  t.is(
    await told({ ...lease, remainingSeconds: null }),
    "address:lan ok: 192.0.2.10/24 by DHCP",
    "for ever",
  );
  t.regex(await told({ ...lease, server: null }), /; leased 23 min ago, good for 37 min more$/);
  t.is(await told(null), "address:lan ok: 192.0.2.10/24 by DHCP", "networkd does not say");
  t.is(await told(lease, false), "address:lan ok: 192.0.2.10/24, static");
});

test("another machine that answers for the address is a failure with its MAC, and stops nothing else", async (t) => {
  const results = await on({ askOwners: async () => ["aa:bb:cc:00:00:01"] });
  const duplicate = results.find(({ id }) => id === "duplicate:lan");
  t.is(duplicate?.code, "address-duplicate");
  t.is(duplicate?.detail, "192.0.2.10 is also used by aa:bb:cc:00:00:01");
  t.true(all(results).includes("service:platform ok"));
});

test("the own MAC and a router that answers for everybody are no other machine", async (t) => {
  const router = "52:54:00:00:00:fe";
  const asked: string[] = [];
  const answering = (macs: (address: string) => string[]) =>
    found(
      "duplicate:lan",
      on({
        askOwners: async (_, address) => {
          asked.push(address);
          return macs(address);
        },
      }),
    );
  t.regex(await answering(() => [eth0.macAddress]), /^duplicate:lan ok: no other machine/);
  t.regex(await answering(() => [router]), /ok: .*; the gateway 52:54:00:00:00:fe answers for/);
  t.true(asked.length > 1, "it answers for others as well");
  t.is(
    await answering((address) => (address === "192.0.2.10" ? [router] : [])),
    `duplicate:lan failed address-duplicate: 192.0.2.10 is also used by ${router}`,
    "the router has the address itself",
  );
  t.is(
    await answering((address) =>
      address === "192.0.2.10" ? [router, "aa:bb:cc:00:00:01"] : [router],
    ),
    `duplicate:lan failed address-duplicate: 192.0.2.10 is also used by ${router}, aa:bb:cc:00:00:01`,
  );
});

test("an IPv6 address that failed its detection is another's; what cannot be asked is skipped", async (t) => {
  t.is(
    await found("duplicate:lan", on({ duplicates6: async () => ["2001:db8::10"] })),
    "duplicate:lan failed address-duplicate: 2001:db8::10 was found on another machine when it was set, and is not used",
  );
  const refused = async () => {
    throw new Error("no raw sockets here");
  };
  t.is(
    await found("duplicate:lan", on({ askOwners: refused })),
    "duplicate:lan skipped: no raw sockets here",
  );
});

test("the way out is what the kernel takes for the agent, and must be the one of the mode", async (t) => {
  const way = (device: string, gateway: string | null) => ({
    device,
    source: "192.0.2.10",
    gateway,
  });
  const told = (route: ReturnType<typeof way> | null, split = false) =>
    found(
      "source",
      run({
        machine: { ...healthyMachine, routeTo: async () => route },
        interfaces: async () => [eth0, { ...eth0, name: "eth1" }],
        configuration: {
          ...configuration,
          mode: split ? "split" : "single",
          managementDevice: split ? "eth1" : null,
        },
      }),
    );
  t.is(
    await told(way("eth0", "192.0.2.1")),
    "source ok: 198.51.100.10 from 192.0.2.10 by eth0, through 192.0.2.1",
  );
  t.is(await told(way("eth0", null)), "source ok: 198.51.100.10 from 192.0.2.10 by eth0");
  t.is(
    await told(way("eth1", null)),
    "source failed source-wrong: 198.51.100.10 from 192.0.2.10 by eth1; by eth1, not by eth0",
  );
  t.regex(await told(way("eth1", "192.0.2.1"), true), /^source ok: /);
  t.regex(await told(way("eth0", null), true), /^source failed source-wrong: .*not by eth1$/);
  t.is(await told(null), "source skipped: no route to 198.51.100.10");
  t.regex(await told(way("lo", null)), /^source ok: /, "a platform on this machine");
});

test("one family that has a way is enough; a name that is not found is the services' to report", async (t) => {
  const machine: OwnMachine = {
    ...healthyMachine,
    routeTo: async (address) =>
      address.includes(":") ? null : { device: "eth0", source: "192.0.2.10", gateway: null },
  };
  const resolving = (...addresses: string[]) =>
    found("source", run({ machine, resolve: async () => addresses }));
  t.is(
    await resolving("2001:db8::80", "198.51.100.10"),
    "source ok: 198.51.100.10 from 192.0.2.10 by eth0",
  );
  t.is(await resolving("2001:db8::80"), "source skipped: no route to 2001:db8::80");
});

test("in split mode no scan packet may have a way by the WAN, wherever its target is", async (t) => {
  const told = (device: string | null, kernels = device) =>
    found(
      "scan-side",
      run({
        configuration: splitConfiguration,
        interfaces: async () => [eth0, { ...eth0, name: "eth1" }],
        machine: {
          ...healthyMachine,
          routeTo: async (_, { user }) => {
            const by = new Map([
              [820, "eth1"],
              [0, kernels],
            ]);
            const taken = by.has(user) ? by.get(user) : device;
            return taken ? { device: taken, source: null, gateway: null } : null;
          },
        },
      }),
    );
  t.is(await told("eth0"), "scan-side ok: scans leave by eth0 or not at all");
  t.regex(
    await told("eth1"),
    /^scan-side failed scan-by-wan: packets of a scan to 203\.0\.113\.1 would leave by eth1/,
  );
  t.regex(await told("eth0", "eth1"), /^scan-side failed scan-by-wan/);
  t.regex(
    await told(null, "eth1"),
    /^scan-side ok/,
    "nothing comes back to a scan that has no way, as in an IP version that the LAN lacks",
  );
  t.is(await found("scan-side", on({})), "undefined: undefined", "single mode has no such side");
});

test("a nearly full disk and hardly any memory are warnings", async (t) => {
  const told = (id: string, figures: Partial<Awaited<ReturnType<OwnMachine["figures"]>>>) =>
    found(id, on({ figures: async () => ({ ...(await healthyMachine.figures()), ...figures }) }));
  t.is(await told("resources:disk", {}), "resources:disk ok: 15 GB of 20 GB are free");
  t.is(
    await told("resources:disk", { diskAvailableBytes: 200e6 }),
    "resources:disk warning disk-low: 0.2 GB of 20 GB are free",
  );
  t.regex(
    await told("resources:disk", { diskTotalBytes: 2e12, diskAvailableBytes: 50e9 }),
    /warning disk-low/,
  );
  t.is(await told("resources:memory", {}), "resources:memory ok: 1024 MB of 2048 MB are free");
  t.regex(
    await told("resources:memory", { memoryAvailableBytes: 40 * 2 ** 20 }),
    /warning memory-low: 40 MB/,
  );
  t.regex(
    await told("resources:memory", { memoryTotalBytes: 0, memoryAvailableBytes: 0 }),
    /^resources:memory skipped/,
  );
});

test("whether a time server has set the clock stands beside the comparison", async (t) => {
  const dated = { status: 401, content: Buffer.from("{}") };
  const clock = async (state: "synchronised" | "waiting" | "absent") => {
    const results = await run(
      { machine: { ...healthyMachine, timeSynchronisation: async () => state } },
      () => ({
        stages: [],
        reply: {
          ...dated,
          headers: { "content-type": "application/json", date: "Thu, 01 Jan 2026 00:00:00 GMT" },
        },
      }),
    );
    return results.find(({ id }) => id === "clock")?.detail;
  };
  t.is(await clock("synchronised"), "as the platform's; set by a time server");
  t.is(await clock("waiting"), "as the platform's; no time server has answered yet");
  t.is(await clock("absent"), "as the platform's");
});

const splitMode: Partial<Surroundings> = {
  configuration: splitConfiguration,
  interfaces: async () => [eth0, { ...eth0, name: "eth1" }],
};

test("on the scan side the gateway or a machine that was seen has to answer", async (t) => {
  const told = (answering: readonly string[], gateways: string[], seen: string[]) =>
    found(
      "neighbour:lan",
      run({
        ...splitMode,
        interfaces: async () => [
          { ...eth0, gateways },
          { ...eth0, name: "eth1" },
        ],
        neighbourAnswers: async (_, address) => answering.includes(address),
        machine: { ...healthyMachine, neighbours: async () => seen },
      }),
    );
  const [gateway, seen] = ["192.0.2.1", "192.0.2.7"];
  t.is(
    await told([gateway, seen], [gateway], [gateway, seen]),
    "neighbour:lan ok: 192.0.2.1, 192.0.2.7 answers on eth0",
  );
  t.is(await told([seen], [gateway], [seen]), "neighbour:lan ok: 192.0.2.7 answers on eth0");
  t.is(
    await told([], [gateway], [seen]),
    "neighbour:lan warning lan-silent: 192.0.2.1 on eth0; 192.0.2.7 on eth0",
  );
  t.is(
    await told([], [], []),
    "neighbour:lan skipped: no machine on eth0 is known that could be asked",
  );
});

test("each side of split mode can be checked by itself, as its own user", async (t) => {
  const of = async (side: "home" | "scan" | "both") => {
    const roles = new Set<string>();
    const results = runChecks(
      surroundings(splitMode),
      new AbortController().signal,
      null,
      undefined,
      side,
    );
    for await (const { id } of results) roles.add(/^(?:link|address):(\w+)$/.exec(id)?.[1] ?? "");
    return [...roles].filter((role) => role !== "");
  };
  t.deepEqual(await of("scan"), ["lan"]);
  t.deepEqual(await of("home"), ["wan"]);
  t.deepEqual(await of("both"), ["lan", "wan"]);
});
