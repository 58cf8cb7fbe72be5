import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { expandTargets } from "../../src/base/addresses/scan-targets.ts";
import type { ScanSpecification } from "../../src/protocol/schemas/jobs.ts";
import type { HostObservation } from "../../src/protocol/schemas/results.ts";
import type { PlannedShard } from "../../src/scan/engine.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import { doubtOneCard } from "../../src/scan/nmap/one-card.ts";
import {
  cannotRunNmap,
  makeRoutedNetwork,
  runRealShard,
  serve,
} from "../testkit/scan/real-nmap.ts";

const scan: ScanSpecification = {
  name: "one card",
  targets: ["192.0.2.64/26"],
  exclusions: [],
  profile: "normal",
  ports: "top-100",
};
const discovery = (): PlannedShard => {
  const [shard] = nmap.plan({ phase: "discover", scan, hosts: [], firstShard: 0 });
  if (!shard) throw new Error("nothing is planned");
  return shard;
};
const up = (address: string, macAddress?: string): HostObservation => ({
  address,
  hostnames: [],
  reason: "arp-response",
  timedOut: false,
  ports: [],
  ...(macAddress !== undefined && { macAddress }),
});
const cardA = "52:54:00:00:00:0A";
const cardB = "52:54:00:00:00:0B";
const at = (last: number) => `192.0.2.${last}`;
const many = (card: string, first: number, count: number) =>
  Array.from({ length: count }, (_, index) => up(at(first + index), card));

test("a card that answers for many addresses is doubted, its addresses are asked by IP, others are not", (t) => {
  const hosts = [...many(cardA, 64, 12), ...many(cardB, 80, 9), up(at(100)), up(at(101))];
  const doubt = doubtOneCard(discovery(), hosts, 7);
  t.deepEqual(doubt?.shards, [
    {
      ...discovery(),
      shard: 7,
      targets: ["192.0.2.64/29", "192.0.2.72/30"],
      addresses: 12,
      probes: "confirm",
      confirms: cardA,
    },
  ]);
  t.deepEqual(
    [...(doubt?.addresses ?? [])],
    many(cardA, 64, 12).map(({ address }) => address),
  );
});

test("forged cards are asked about together, and both are named", (t) => {
  const hosts = [...many(cardA, 64, 10), ...many(cardB, 80, 10)];
  const shards = doubtOneCard(discovery(), hosts, 7)?.shards ?? [];
  t.deepEqual(
    shards.map(({ addresses, confirms }) => [addresses, confirms]),
    [[20, `${cardA} and 1 more`]],
  );
});

test("hosts behind a router have no card here and are not doubted, nor is what was confirmed, nor ports", (t) => {
  const routed = Array.from({ length: 60 }, (_, index) => up(at(64 + index)));
  t.is(doubtOneCard(discovery(), routed, 1), null);
  const hosts = many(cardA, 64, 20);
  t.is(doubtOneCard({ ...discovery(), confirms: cardA }, hosts, 1), null);
  t.is(doubtOneCard({ ...discovery(), phase: "ports" }, hosts, 1), null);
});

test("whatever answers, each doubted address is asked once, in shards that a plan has room for", (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(0xffff), fc.constantFrom(cardA, cardB, undefined)), {
        maxLength: 3000,
      }),
      (found) => {
        const hosts = [...new Map(found)].map(([number, card]) =>
          up(`10.1.${number >> 8}.${number & 255}`, card),
        );
        const doubt = doubtOneCard(discovery(), hosts, 3);
        const asked = doubt?.shards.flatMap(({ targets }) => [...expandTargets(targets, [])]) ?? [];
        t.deepEqual(new Set(asked), new Set(doubt?.addresses ?? []));
        t.is(asked.length, doubt?.addresses.size ?? 0);
        for (const { targets, addresses } of doubt?.shards ?? [])
          t.true(targets.length <= 2048 && addresses <= 1024);
      },
    ),
    { numRuns: 30 },
  );
});

const reason = cannotRunNmap();
const rootTest = reason === null ? test.serial : test.serial.skip;

/** scanner 192.0.2.2/24 - router, which answers ARP for a network behind it that has one host. */
async function makeNetwork(t: ExecutionContext): Promise<string> {
  const { ip, scanner, router, target } = await makeRoutedNetwork(t, {
    scanner: "192.0.2.2/24",
    near: "192.0.2.1/26",
    far: "192.0.2.65/26",
    target: "192.0.2.70/26",
  });
  for (const setting of ["conf.in0.proxy_arp=1", "neigh.in0.proxy_delay=0"])
    await ip(`netns exec ${router} sysctl -qw net.ipv4.${setting}`);
  await serve(
    t,
    target,
    `require("node:net").createServer(() => undefined).listen(22, () => console.log("ready"))`,
  );
  return scanner;
}

rootTest(
  `behind a real router with proxy ARP only the host that is there counts${reason === null ? "" : ` (${reason})`}`,
  async (t) => {
    t.timeout(300_000);
    const scanner = await makeNetwork(t);
    const first = await runRealShard(t, scanner, scan, discovery());
    t.deepEqual(first.verdict, { accepted: true });
    t.true(first.hosts.length > 55, `by ARP ${first.hosts.length} of 64 are up`);
    const [confirming] = doubtOneCard(discovery(), first.hosts, 1)?.shards ?? [];
    if (!confirming) return t.fail("nothing is doubted");
    const second = await runRealShard(t, scanner, scan, confirming);
    t.deepEqual(second.verdict, { accepted: true });
    // The router's own address on its far side answers too.
    t.deepEqual(
      second.hosts.map(({ address }) => address),
      ["192.0.2.65", "192.0.2.70"],
    );
  },
);
