import { randomUUID } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import { collectInventory } from "../../src/agent/health/collect-inventory.ts";
import {
  HealthReader,
  parseLoad,
  parseMemory,
  parseProcessorCount,
  parseProcessorTimes,
  parseUptimeSeconds,
} from "../../src/agent/health/figures.ts";
import { readInterfaces } from "../../src/agent/health/interfaces.ts";
import { validators } from "../../src/protocol/validators.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";

test("the kernel's files are read as their manual pages say", (t) => {
  t.deepEqual(parseProcessorTimes("cpu  100 0 50 800 50 0 0 0 30 0\ncpu0 1 2 3 4\n"), {
    busy: 150,
    total: 1000,
  });
  t.is(parseProcessorCount("cpu  1 2 3 4\ncpu0 1 2 3 4\ncpu1 1 2 3 4\nintr 5 0 cpu2 \n"), 2);
  t.is(parseProcessorCount(""), 1);
  t.is(parseMemory("MemTotal:       16 kB\nMemAvailable:    8 kB\n", "MemAvailable"), 8192);
  t.deepEqual(parseLoad("0.50 0.25 0.10 1/234 5678\n"), [0.5, 0.25, 0.1]);
  t.is(parseUptimeSeconds("350.27 1200.00\n"), 350.27);
});

test("whatever the kernel's files contain, the figures fit the protocol", (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), (text) => {
      const times = parseProcessorTimes(text);
      t.true(times === null || Number.isFinite(times.total));
      t.true(
        parseLoad(text).every(Number.isFinite) &&
          parseMemory(text, "MemTotal") >= 0 &&
          parseUptimeSeconds(text) >= 0,
      );
    }),
  );
});

test("this machine's figures make a valid heartbeat", async (t) => {
  const reader = new HealthReader("/");
  await reader.read();
  const health = await reader.read();
  t.true(health.memoryTotalBytes > 0 && health.dataTotalBytes > 0 && health.uptimeSeconds > 0);
  const beat = {
    bootId: randomUUID(),
    sequence: 0,
    softwareVersion: "1",
    configurationVersion: 0,
    health,
    interfaces: await readInterfaces({ scanDevice: null, managementDevice: null }),
    jobs: [],
    counters: { requests: 0, failures: 0, spooledParts: 0 },
    proxy: null,
  };
  t.deepEqual(validators.Heartbeat(beat), { valid: true, value: beat });
});

test("a missing folder or engine is no failure", async (t) => {
  t.is((await new HealthReader("/nowhere").read()).dataTotalBytes, 0);
  const inventory = await collectInventory("1.2.3", nmap, "/nowhere/nmap");
  t.like(inventory, { softwareVersion: "1.2.3", engine: { name: "nmap", version: "unknown" } });
  t.true(validators.Inventory(inventory).valid);
});
