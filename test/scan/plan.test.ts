import test from "ava";
import fc from "fast-check";
import { formatAddress } from "../../src/base/addresses/address.ts";
import { addressesOf, countAddresses } from "../../src/base/addresses/ranges.ts";
import { expandTargets, plannedRanges } from "../../src/base/addresses/scan-targets.ts";
import type { ScanSpecification } from "../../src/protocol/schemas/jobs.ts";
import type { KnownHost, PlannedShard } from "../../src/scan/engine.ts";
import { parseShardName, shardFiles } from "../../src/scan/files.ts";
import { nmapArguments } from "../../src/scan/nmap/arguments.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import { planDiscovery, planPorts, planServices, splitShard } from "../../src/scan/nmap/plan.ts";
import { shardPlan } from "../../src/scan/plan.ts";
import { fragilePorts, portsInSlice } from "../../src/scan/ports.ts";
import { profiles } from "../../src/scan/profiles.ts";
import { validators } from "../../src/scan/validators.ts";

const scan = (over: Partial<ScanSpecification> = {}): ScanSpecification => ({
  name: "test",
  targets: ["192.0.2.0/24"],
  exclusions: [],
  profile: "normal",
  ports: "top-100",
  ...over,
});
const context = (specification: ScanSpecification) => ({
  jobId: "00000000-0000-4000-8000-000000000000",
  attempt: 1,
  tryNumber: 1,
  device: "eth0",
  scan: specification,
  sharing: 2,
});

test("discovery covers every address once, in shards of at most 4096, without the excluded ones", (t) => {
  const range4 = fc
    .tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 9000 }))
    .map(([first, size]) => {
      const base = 10 * 2 ** 24;
      return `${formatAddress(4, BigInt(base + first))}-${formatAddress(4, BigInt(base + first + size))}`;
    });
  const range6 = fc
    .tuple(fc.nat(0x3ff), fc.integer({ min: 120, max: 128 }))
    .map(([host, length]) => `2001:db8::${host.toString(16)}/${length}`);
  const range = fc.oneof(range4, range6);
  fc.assert(
    fc.property(
      fc.array(range, { minLength: 1, maxLength: 4 }),
      fc.array(range, { maxLength: 3 }),
      (targets, exclusions) => {
        const specification = scan({ targets, exclusions });
        const shards = planDiscovery(specification);
        const covered = shards.flatMap((shard) => [
          ...addressesOf(plannedRanges(shard.targets, [])),
        ]);
        t.deepEqual(covered, [...expandTargets(targets, exclusions)]);
        t.is(
          shards.reduce((sum, { addresses }) => sum + addresses, 0),
          covered.length,
        );
        for (const [index, shard] of shards.entries()) {
          t.is(shard.shard, index);
          t.is(
            new Set(shard.targets.map((text) => text.includes(":"))).size,
            1,
            "nmap takes one family only",
          );
          t.true(
            shard.addresses <= 4096 &&
              shard.addresses === countAddresses(plannedRanges(shard.targets, [])),
          );
          t.true(validators.ShardPlan(shardPlan(nmap, shard, context(specification))).valid);
        }
      },
    ),
    { numRuns: 60 },
  );
});

const hostAt = (address: string, tcp: number[] = [], udp: number[] = []): KnownHost => ({
  address,
  tcp,
  udp,
});

test("two IPv6 prefixes side by side make a shard that its runner takes", (t) => {
  const [shard] = planDiscovery(scan({ targets: ["2001:db8::/120", "2001:db8::100/120"] }));
  t.deepEqual(shard?.targets, ["2001:db8::/119"]);
  t.is(countAddresses(plannedRanges(shard?.targets ?? [], [])), 512);
});

test("the appliance itself refuses more addresses than one scan takes", (t) => {
  const targets = Array.from({ length: 20 }, (_, index) => `10.${index}.0.0/16`);
  t.like(
    t.throws(() => planDiscovery(scan({ targets }))),
    { code: "scan-targets-invalid" },
  );
});

test("live hosts become shards of at most 16, and an excluded host is never planned, even when discovery found it", (t) => {
  const hosts = Array.from({ length: 40 }, (_, index) => hostAt(`192.0.2.${index + 1}`));
  const shards = planPorts(
    scan({ exclusions: ["192.0.2.7", "192.0.2.9-192.0.2.10"] }),
    [...hosts, hostAt("198.51.100.1")],
    5,
  );
  const planned = shards.flatMap(({ targets }) => targets);
  t.is(planned.length, 37);
  t.false(
    planned.some((address) =>
      ["192.0.2.7", "192.0.2.9", "192.0.2.10", "198.51.100.1"].includes(address),
    ),
  );
  t.deepEqual(
    shards.map(({ shard }) => shard),
    [5, 6, 7],
  );
  t.true(shards.every(({ targets }) => targets.length <= 16));
});

test("live hosts of both families become shards of one family each, and nmap gets -6 for IPv6", (t) => {
  const specification = scan({
    targets: ["192.0.2.0/24", "2001:db8::/120"],
    exclusions: ["2001:db8::5", "192.0.2.5"],
  });
  const hosts = ["192.0.2.4", "2001:db8::4", "192.0.2.5", "2001:db8::5", "2001:db8::1:4"].map(
    (address) => hostAt(address, [22]),
  );
  for (const plan of [planPorts, planServices]) {
    const shards = plan(specification, hosts, 2);
    t.deepEqual(
      shards.map(({ targets }) => targets),
      [["192.0.2.4"], ["2001:db8::4"]],
    );
    const args = shards.map((shard) =>
      nmapArguments(
        shardPlan(nmap, shard, context(specification)),
        shardFiles("/scan/job", 2, nmap),
        true,
      ),
    );
    t.deepEqual(
      args.map((each) => each.includes("-6")),
      [false, true],
    );
  }
});

test("an engine's host that is no address of the targets is not planned, and the others are", (t) => {
  const hosts = ["::1", "192.0.2.1", "192.0.2.0/30", "-oX"].map((address) => hostAt(address, [80]));
  t.deepEqual(planPorts(scan(), hosts, 1)[0]?.targets, ["192.0.2.1"]);
  t.deepEqual(planServices(scan(), hosts, 1)[0]?.targets, ["192.0.2.1"]);
});

test("every port of a selection is looked at on every host, the most used ones of all hosts first", (t) => {
  const hosts = Array.from({ length: 20 }, (_, index) => hostAt(`192.0.2.${index + 1}`));
  const shards = planPorts(scan({ ports: "all" }), hosts, 1);
  t.true(shards.slice(0, 2).every(({ slice }) => slice && "top" in slice));
  const looked = new Map<string, number>();
  for (const { targets, slice } of shards)
    if (slice?.protocol === "tcp" && "list" in slice)
      for (const target of targets)
        looked.set(target, (looked.get(target) ?? 0) + portsInSlice(slice));
  t.deepEqual([...looked.values()], Array(20).fill(65_535));
});

test("only hosts with open ports are asked for services, only for ports that one of them has, and tarpits not at all", (t) => {
  const tarpit = hostAt(
    "192.0.2.9",
    Array.from({ length: 201 }, (_, index) => index + 1),
  );
  const hosts = [
    hostAt("192.0.2.1", [22, 80]),
    hostAt("192.0.2.2", [443], [161]),
    hostAt("192.0.2.3"),
    tarpit,
  ];
  t.deepEqual(
    planServices(scan(), hosts, 7).map(({ shard, targets, slice, openPorts }) => ({
      shard,
      targets,
      slice,
      openPorts,
    })),
    [
      {
        shard: 7,
        targets: ["192.0.2.1", "192.0.2.2"],
        slice: { protocol: "tcp", list: "22,80,443" },
        openPorts: 3,
      },
      {
        shard: 8,
        targets: ["192.0.2.2"],
        slice: { protocol: "udp", list: "161" },
        openPorts: 1,
      },
    ],
  );
});

test("a shard is divided without losing an address or a port, until nothing is left to divide", (t) => {
  const discovery = planDiscovery(scan({ targets: ["10.0.0.0/20"] }));
  const ports = planPorts(scan({ ports: "all" }), [hostAt("192.0.2.1"), hostAt("192.0.2.2")], 0);
  const pairs = (shards: readonly PlannedShard[]) =>
    shards.reduce(
      (sum, { addresses, slice }) => sum + addresses * (slice ? portsInSlice(slice) : 1),
      0,
    );
  for (const shard of [...discovery, ...ports]) {
    let pieces = [shard];
    for (let round = 0; round < 20; round++) {
      t.is(pairs(pieces), pairs([shard]));
      pieces = pieces.flatMap((piece) => {
        const divided = splitShard(piece, 0);
        return divided.length > 0 ? divided : [piece];
      });
    }
    t.true(pieces.every((piece) => splitShard(piece, 0).length === 0));
  }
});

test("shards that run together never have more than the profile's budget of packets", (t) => {
  for (const profile of ["gentle", "normal", "fast"] as const) {
    const { packetsPerSecond, parallelShards } = profiles[profile];
    const specification = scan({ profile });
    const [shard] = planDiscovery(specification);
    if (!shard) return t.fail();
    const plan = shardPlan(nmap, shard, { ...context(specification), sharing: parallelShards });
    t.true(plan.packetsPerSecond * parallelShards <= packetsPerSecond);
  }
});

test("nmap gets options of fixed lists, its targets in a file, and never --resume", (t) => {
  const specification = scan({ exclusions: ["192.0.2.1"], profile: "gentle" });
  const files = shardFiles("/scan/job", 3, nmap);
  const args = (shard: PlannedShard | undefined, raw = true) =>
    shard ? nmapArguments(shardPlan(nmap, shard, context(specification)), files, raw) : [];
  const known = [hostAt("192.0.2.10", [22])];
  const begin = ["--privileged", "-e", "eth0", "-n", "-v", "--noninteractive"];
  const end = [
    ...["--min-rate", "75", "--max-rate", "75", "-iL", "/scan/job/3.targets"],
    ...["--excludefile", "/scan/job/3.exclusions", "-oX", "/scan/job/3.xml"],
  ];
  t.deepEqual(args(planDiscovery(specification, 3)[0]), [
    ...begin,
    ...["-sn", "-PE", "-PS22,445,3389", "--max-retries", "1"],
    ...end,
  ]);
  t.deepEqual(args(planPorts(specification, known, 3)[0]), [
    ...begin,
    ...["-Pn", "-sS", "--top-ports", "100", "--exclude-ports", fragilePorts],
    ...["--min-hostgroup", "1", "--max-hostgroup", "1", "--max-retries", "3"],
    ...end,
  ]);
  const [services] = planServices(specification, known, 3);
  t.deepEqual(args(services), [
    ...begin,
    ...["-Pn", "-sS", "-p", "22", "--exclude-ports", fragilePorts],
    ...["-sV", "--version-light", "--max-parallelism", "10", "--max-retries", "3"],
    ...end,
  ]);
  const connect = args(services, false);
  t.true(connect.includes("-sT") && connect.includes("--unprivileged") && !connect.includes("-e"));
  t.false(connect.includes("-6"));
});

test("a plan that names what this version does not have starts nothing", (t) => {
  const files = shardFiles("/scan/job", 3, nmap);
  const [shard] = planDiscovery(scan());
  if (!shard) return t.fail();
  const plan = shardPlan(nmap, shard, context(scan()));
  for (const wrong of [
    { ...plan, probes: "everything" },
    { ...plan, phase: "ports" as const },
  ])
    t.like(
      t.throws(() => nmapArguments(wrong, files, true)),
      { code: "request-invalid" },
    );
});

test("a plan with anything that could become an option is refused", (t) => {
  const [shard] = planDiscovery(scan());
  if (!shard) return t.fail();
  const plan = shardPlan(nmap, shard, context(scan()));
  t.true(validators.ShardPlan(plan).valid);
  for (const bad of [
    { device: "-oN" },
    { device: "eth0 --script" },
    { ports: "1-5" },
    { profile: "insane" },
    { packetsPerSecond: 0 },
    { extra: 1 },
    { slice: { protocol: "tcp", list: "22 --script vuln" } },
    { slice: { protocol: "tcp", list: "-" } },
    { slice: { protocol: "tcp", list: "0-10" } },
    { slice: { protocol: "sctp", list: "22" } },
    { probes: "-PE" },
  ])
    t.false(validators.ShardPlan({ ...plan, ...bad }).valid, JSON.stringify(bad));
});

test("the unit's name is a job and a shard, and nothing else", (t) => {
  t.deepEqual(parseShardName("00000000-0000-4000-8000-000000000000-17"), {
    jobId: "00000000-0000-4000-8000-000000000000",
    shard: 17,
  });
  for (const bad of [
    "",
    "x-1",
    "../etc-1",
    "00000000-0000-4000-8000-000000000000",
    "00000000-0000-4000-8000-000000000000-1/../2",
  ])
    t.is(parseShardName(bad), null);
});

test("targets that are not addresses are scan-targets-invalid", (t) => {
  const error = t.throws(() => planDiscovery(scan({ targets: ["-oN /etc/passwd"] })));
  t.like(error, { code: "scan-targets-invalid" });
});
