import test from "ava";
import fc from "fast-check";
import type { scanProfiles } from "../../src/protocol/schemas/jobs.ts";
import {
  cutPorts,
  fragilePorts,
  listOfPorts,
  portRanges,
  portsIn,
  slicesOf,
} from "../../src/scan/ports.ts";

const expand = (list: string) =>
  portRanges(list).flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
const setOf = (profile: (typeof scanProfiles)[number], protocol: "tcp" | "udp") =>
  slicesOf("standard", profile).flatMap((slice) =>
    slice.protocol === protocol && "list" in slice ? expand(slice.list) : [],
  );

test("ports as a list and back are the same, and pieces of a list hold each port once", (t) => {
  const ports = fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1 });
  fc.assert(
    fc.property(ports, fc.integer({ min: 1, max: 50 }), (given, size) => {
      const list = listOfPorts(given);
      t.deepEqual(
        expand(list),
        [...given].sort((a, b) => a - b),
      );
      const pieces = cutPorts(list, size);
      t.deepEqual(pieces.flatMap(expand), expand(list));
      t.true(pieces.every((piece) => portsIn(piece) <= size));
    }),
  );
});

test("the standard set has what people expose and nmap's most used ports lack", (t) => {
  const tcp = setOf("normal", "tcp");
  // nmap-services 7.95 ranks none of these among its 1,000.
  for (const port of [
    6379, 27017, 2375, 2376, 6443, 10250, 11211, 1883, 502, 102, 8006, 5672, 2181, 9092, 4786, 5601,
  ])
    t.true(tcp.includes(port), String(port));
  for (const port of [53, 123, 137, 161, 500, 623, 5353])
    t.true(setOf("normal", "udp").includes(port), String(port));
});

test("gentle touches no port where a probe can print or stop a machine, of either protocol", (t) => {
  const fragile = new Set(expand(fragilePorts));
  t.deepEqual(
    setOf("gentle", "udp").filter((port) => fragile.has(port)),
    [],
  );
  for (const port of [9100, 102, 502, 44818]) t.true(fragile.has(port));
});
