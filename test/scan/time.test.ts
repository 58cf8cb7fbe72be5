import test from "ava";
import fc from "fast-check";
import { portSelections, scanProfiles } from "../../src/protocol/schemas/jobs.ts";
import type { KnownHost, PlannedShard } from "../../src/scan/engine.ts";
import { loadOf, nmap } from "../../src/scan/nmap/nmap.ts";
import { duration, unitLimitSeconds } from "../../src/scan/nmap/time.ts";
import { shardsAtOnce } from "../../src/scan/profiles.ts";

const scanOf = (
  profile: (typeof scanProfiles)[number],
  ports: (typeof portSelections)[number],
) => ({
  name: "x",
  targets: ["10.0.0.0/16"],
  exclusions: [],
  profile,
  ports,
});

test("whatever is scanned, the worst case is before the shard's deadline, and that before the unit's limit", (t) => {
  const host = fc.record({
    last: fc.nat(65_535),
    tcp: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 210 }),
    udp: fc.uniqueArray(fc.constantFrom(53, 123, 161), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...scanProfiles),
      fc.constantFrom(...portSelections),
      fc.uniqueArray(host, { maxLength: 40, selector: ({ last }) => last }),
      (profile, ports, found) => {
        const scan = scanOf(profile, ports);
        const hosts = found.map(
          ({ last, tcp, udp }): KnownHost => ({
            address: `10.0.${last >> 8}.${last & 255}`,
            tcp,
            udp,
          }),
        );
        const shards: PlannedShard[] = (["discover", "ports", "services"] as const).flatMap(
          (phase) => nmap.plan({ phase, scan, hosts, firstShard: 0 }),
        );
        for (const shard of shards)
          for (let sharing = 1; sharing <= shardsAtOnce(profile, shard.phase); sharing++) {
            const { best, worst } = duration(loadOf(shard, scan, sharing)).seconds;
            const deadline = nmap.deadlineSeconds(shard, scan, sharing);
            t.true(best <= worst && worst < deadline && deadline < unitLimitSeconds);
            if (shard.phase === "ports") t.true(worst <= 400, "what a dying host costs is short");
          }
      },
    ),
    { numRuns: 100 },
  );
});

/** The span between the first and last packet, measured with nmap 7.95 (scan timing, 1.3). */
const measured = [
  ["1,024 dead, 20 packets a try, 800/s", "discover", 1024, 800, 20, null, 51.5],
  ["1,024 dead, 9 packets a try, 800/s", "discover", 1024, 800, 9, null, 23],
  ["1,024 dead, 4 packets a try, 150/s", "discover", 1024, 150, 4, null, 55.2],
  ["1,024 dead, 29 packets a try, 5,000/s", "discover", 1024, 5000, 29, null, 11.9],
  ["/16, 4 packets a try, 800/s", "discover", 65_536, 800, 4, null, 688.8],
  ["16 hosts that drop, 1,000 ports, 800/s", "ports", 16, 800, 0, 1000, 40.6],
  ["16 hosts that drop, 8,192 ports, 800/s", "ports", 16, 800, 0, 8192, 332.9],
  ["16 hosts that drop, 65,535 ports, 5,000/s", "ports", 16, 5000, 0, 65_535, 420.5],
  ["8 hosts that drop, 2,048 ports, 150/s", "ports", 8, 150, 0, 2048, 227.8],
] as const;

for (const [what, phase, addresses, packetsPerSecond, probes, ports, seconds] of measured) {
  test(`the formula's worst case is what was measured: ${what}`, (t) => {
    const { worst } = duration({
      phase,
      addresses,
      packetsPerSecond,
      probes,
      ports: ports === null ? null : { protocol: "tcp", list: `1-${ports}` },
      openPorts: 0,
      lightVersionProbes: false,
    }).seconds;
    t.true(worst >= seconds * 0.99, `${worst} s`);
    t.true(worst <= seconds * 1.1 + 3, `${worst} s`);
  });
}

test("an empty /22 behind a router that drops takes at most a minute in normal, and a /16 twelve", (t) => {
  const worstOf = (targets: string[]) => {
    const scan = { ...scanOf("normal", "standard"), targets };
    const shards = nmap.plan({ phase: "discover", scan, hosts: [], firstShard: 0 });
    const sharing = shardsAtOnce("normal", "discover");
    return shards.reduce(
      (sum, shard) => sum + duration(loadOf(shard, scan, sharing)).seconds.worst,
      0,
    );
  };
  t.true(worstOf(["10.0.0.0/22"]) <= 60);
  t.true(worstOf(["10.0.0.0/16"]) <= 12 * 60);
});
