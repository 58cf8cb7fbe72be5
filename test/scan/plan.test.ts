import test from "ava";
import fc from "fast-check";
import { formatAddress } from "../../src/base/addresses/address.ts";
import { countAddresses } from "../../src/base/addresses/ranges.ts";
import { expandTargets, rangesToScan } from "../../src/base/addresses/scan-targets.ts";
import type { ScanSpecification } from "../../src/protocol/schemas/jobs.ts";
import { parseShardName, shardFiles } from "../../src/scan/files.ts";
import { nmapArguments } from "../../src/scan/nmap/arguments.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import { planDiscovery, planServices } from "../../src/scan/nmap/plan.ts";
import { shardPlan } from "../../src/scan/plan.ts";
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

test("discovery covers every address once, in shards of at most 1024, without the excluded ones", (t) => {
  const range4 = fc
    .tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 2500 }))
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
        const covered = shards.flatMap((shard) => [...expandTargets(shard.targets, [])]);
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
            shard.addresses <= 1024 &&
              shard.addresses === countAddresses(rangesToScan(shard.targets, [])),
          );
          t.true(validators.ShardPlan(shardPlan(nmap, shard, context(specification))).valid);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("live hosts become shards of at most 16, and an excluded host is never planned, even when discovery found it", (t) => {
  const hosts = Array.from({ length: 40 }, (_, index) => `192.0.2.${index + 1}`);
  const shards = planServices(
    scan({ exclusions: ["192.0.2.7", "192.0.2.9-192.0.2.10"] }),
    [...hosts, "198.51.100.1"],
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
  const shards = planServices(
    specification,
    ["192.0.2.4", "2001:db8::4", "192.0.2.5", "2001:db8::5", "2001:db8::1:4"],
    2,
  );
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
});

test("an engine's host that is no address of the targets is not planned, and the others are", (t) => {
  const [shard] = planServices(scan(), ["::1", "192.0.2.1", "192.0.2.0/30", "-oX"], 1);
  t.deepEqual(shard?.targets, ["192.0.2.1"]);
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
  const [shard] = planServices(specification, ["192.0.2.10"], 3);
  if (!shard) return t.fail();
  const raw = nmapArguments(shardPlan(nmap, shard, context(specification)), files, true);
  t.deepEqual(raw, [
    ...[
      "--privileged",
      "-e",
      "eth0",
      "-n",
      "-v",
      "--noninteractive",
      "-sS",
      "-sV",
      "-Pn",
      "--top-ports",
      "100",
      "--version-light",
      "--host-timeout",
      "3600s",
    ],
    ...[
      "--max-retries",
      "1",
      "--max-rate",
      "75",
      "--max-parallelism",
      "10",
      "-iL",
      "/scan/job/3.targets",
      "--excludefile",
      "/scan/job/3.exclusions",
    ],
    ...["-oX", "/scan/job/3.xml"],
  ]);
  const connect = nmapArguments(shardPlan(nmap, shard, context(specification)), files, false);
  t.true(connect.includes("-sT") && connect.includes("--unprivileged") && !connect.includes("-e"));
  t.false(connect.includes("-6"));
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
