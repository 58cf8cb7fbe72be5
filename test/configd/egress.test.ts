import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { egressLines } from "../../src/cli/egress.ts";
import {
  type ConfiguredFacts,
  configuredDestinations,
} from "../../src/configd/api/configured-destinations.ts";
import type { EgressContact } from "../../src/configd/api/egress.ts";
import { EgressLedger, readEgressFile } from "../../src/configd/egress/ledger.ts";
import {
  defaultInterface,
  defaultSettings,
  type InterfaceSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";

async function setUp(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), "outrider-egress-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "egress.json");
  const time = { nowMs: 1000 };
  return { path, time, open: () => new EgressLedger(path, () => time.nowMs) };
}

const contact = (
  host: string,
  at: number,
  changes: Partial<EgressContact> = {},
): EgressContact => ({
  by: "agent",
  host,
  port: 443,
  protocol: "tcp",
  why: "the platform's services",
  addresses: ["192.0.2.1"],
  count: 1,
  at,
  ...changes,
});

test("contacts add up, with the addresses that a name had, and are there after a restart", async (t) => {
  const { open } = await setUp(t);
  const ledger = open();
  await ledger.record([contact("platform.example.org", 10), contact("proxy.example.org", 20)]);
  await ledger.record([
    contact("platform.example.org", 30, { count: 4, addresses: ["192.0.2.2"] }),
  ]);
  const { entries } = await open().read();
  t.like(entries[0], { host: "platform.example.org", firstAt: 10, lastAt: 30, count: 5 });
  t.deepEqual(entries[0]?.addresses, ["192.0.2.1", "192.0.2.2"]);
  t.is(entries.length, 2);
});

const leased: ConfiguredFacts["interfaces"][number] = {
  name: "eth0",
  role: "lan",
  addresses: ["192.0.2.50/24"],
  dns: [],
  timeServers: [],
  dhcp: true,
  gateways: ["192.0.2.1"],
};
const silent = { ...leased, addresses: [], dhcp: false, gateways: [] };
const standing = (
  interfaces: ConfiguredFacts["interfaces"],
  settings: Settings = defaultSettings,
) =>
  configuredDestinations({ settings, interfaces, agent: null }).map(
    ({ by, host, port }) => `${by} ${host} ${port}`,
  );
const debian = ["0", "1", "2", "3"].map((number) => `time ${number}.debian.pool.ntp.org 123`);

test("the time servers are those of the settings, else those that DHCP names, else Debian's", (t) => {
  const timeOf = (...given: Parameters<typeof standing>) =>
    standing(...given).filter((line) => line.startsWith("time "));
  const named = { ...leased, timeServers: ["192.0.2.123", "ntp.example.org"] };
  t.deepEqual(timeOf([named]), ["time 192.0.2.123 123", "time ntp.example.org 123"]);
  t.deepEqual(timeOf([named], { ...defaultSettings, time: { servers: ["own.example.org"] } }), [
    "time own.example.org 123",
  ]);
  t.deepEqual(timeOf([leased]), debian);
  t.deepEqual(
    timeOf([silent]),
    [],
    "without an address no server is asked yet, and a lease may still name some",
  );
});

test("DHCP is in the ledger also while no server answers, and DHCPv6 where IPv6 is automatic", (t) => {
  const asked = (lan: Partial<InterfaceSettings>, nic = silent) =>
    standing([nic], {
      ...defaultSettings,
      network: { mode: "single", lan: { ...defaultInterface, ...lan } },
    });
  t.deepEqual(asked({}), ["dhcp 255.255.255.255 67"]);
  t.deepEqual(asked({ ipv4: { method: "off" }, ipv6: { method: "automatic" } }), [
    "dhcp ff02::1:2 547",
  ]);
  t.deepEqual(asked({ ipv4: { method: "off" } }), []);
  t.deepEqual(asked({}, { ...silent, role: null }), [], "a card without a role asks nobody");
});

test("in split mode each interface uses DHCP as it is configured", (t) => {
  const network = {
    mode: "split" as const,
    lan: defaultInterface,
    wan: {
      ...defaultInterface,
      ipv4: { method: "off" as const },
      ipv6: { method: "automatic" as const },
    },
  };
  const wan = { ...silent, name: "eth1", role: "wan" as const };
  t.deepEqual(standing([silent, wan], { ...defaultSettings, network }), [
    "dhcp 255.255.255.255 67",
    "dhcp ff02::1:2 547",
  ]);
});

test("a PAC file's server is named alike whether it is only set or was contacted", (t) => {
  const proxy = {
    kind: "pac" as const,
    url: "http://[2001:db8::80]/proxy.pac",
    authentication: "none" as const,
    user: "",
    bypass: [],
    fallbackToDirect: false,
  };
  t.true(standing([], { ...defaultSettings, proxy }).includes("agent 2001:db8::80 80"));
});

test("the ledger is bounded: the oldest entries make room and are counted", async (t) => {
  const { open } = await setUp(t);
  const ledger = open();
  for (let turn = 0; turn < 6; turn++)
    await ledger.record(
      Array.from({ length: 100 }, (_, index) =>
        contact(`host-${turn}-${index}`, turn * 100 + index),
      ),
    );
  const { entries, dropped } = await open().read();
  t.is(entries.length, 500);
  t.is(dropped, 100);
  t.false(entries.some(({ host }) => host.startsWith("host-0-")));
});

test("a damaged ledger starts empty and does not stop configd", async (t) => {
  const { path, open } = await setUp(t);
  await writeFile(path, '{"entries":[{"by":"agent"');
  const ledger = open();
  await ledger.record([contact("a", 1)]);
  t.is((await open().read()).entries.length, 1);
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      t.true(Array.isArray(readEgressFile(text).entries));
    }),
  );
});

test("where the system's own services go is in it before they go there, and stays after a change", async (t) => {
  const { path, time, open } = await setUp(t);
  const ledger = open();
  const facts = (dns: string[]) => ({
    settings: { ...defaultSettings, time: { servers: ["ntp.example.org"] } },
    interfaces: [{ ...leased, dns, timeServers: ["192.0.2.123"] }],
    agent: null,
  });
  await ledger.note(configuredDestinations(facts(["192.0.2.53"])));
  const written = await readFile(path, "utf8");
  await ledger.note(configuredDestinations(facts(["192.0.2.53"])));
  t.is(await readFile(path, "utf8"), written, "nothing new, nothing written");
  time.nowMs = 2000;
  await ledger.note(configuredDestinations(facts(["192.0.2.54"])));
  const lines = (await open().read()).entries
    .map(({ by, host, port }) => `${by} ${host} ${port}`)
    .sort();
  t.deepEqual(lines, [
    "dhcp 255.255.255.255 67",
    "doctor 192.0.2.1 0",
    "resolver 192.0.2.53 53",
    "resolver 192.0.2.54 53",
    "time ntp.example.org 123",
  ]);
});

test("`outrider egress` shows a line each, for comparing with a firewall's log", (t) => {
  const { at: _, ...entry } = contact("platform.example.org", 0);
  const lines = egressLines({
    entries: [
      { ...entry, firstAt: 0, lastAt: Date.UTC(2026, 0, 2, 3, 4), count: 7 },
      {
        ...entry,
        by: "scan",
        host: "192.0.2.0/24",
        port: 0,
        protocol: "any",
        addresses: [],
        firstAt: 0,
        lastAt: 0,
        count: null,
        why: "scan x",
      },
    ],
    dropped: 3,
  });
  t.regex(
    lines[1] ?? "",
    /^agent +platform\.example\.org port 443\/tcp +192\.0\.2\.1 +7 +2026-01-02 03:04 +the platform's services$/,
  );
  t.regex(lines[2] ?? "", /^scan +192\.0\.2\.0\/24 +- /);
  t.is(lines.at(-1), "3 older destinations made room for newer ones.");
});
