import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import test from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fact } from "../../src/base/messages/facts.ts";
import { appliancePaths } from "../../src/configd/api/paths.ts";
import type { ToolRequest } from "../../src/configd/api/tool-shapes.ts";
import type { ToolOutput, ToolTask } from "../../src/configd/api/tool-task.ts";
import { doctorProperties } from "../../src/configd/machine/real-doctor.ts";
import { readOutput, toolProperties } from "../../src/configd/machine/tool-unit.ts";
import { codeOf, testAppliance } from "../testkit/configd/test-appliance.ts";

const testPaths = appliancePaths("/tmp/outrider-test");
const answered = (contacted: string[], capture: Buffer | null = null): ToolOutput => ({
  answer: {
    outcome: "ok",
    code: null,
    verdict: [fact("ping-counts", { answered: 4, sent: 4, milliseconds: 0.05 })],
    lines: [],
    contacted,
  },
  capture: capture?.toString("base64") ?? null,
});
const ping = (target: string, role: "lan" | "wan" = "lan"): ToolRequest => ({
  tool: "ping",
  role,
  target,
});

test("a tool uses the interface of its role, and takes one host that is no option and no range", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, system } = appliance;
  const answer = await console.call("runTool", ping("192.0.2.1"));
  t.is(answer.code, "ping-silent");
  t.deepEqual(system.tools.calls, ["ping eth0 home 192.0.2.1"]);
  t.is(await codeOf(console.call("runTool", ping("192.0.2.1", "wan"))), "interface-missing");
  for (const target of ["-oN", "--script=x", "a b", "$(id)", "", "x".repeat(300)])
    t.is(await codeOf(console.call("runTool", ping(target))), "request-invalid", target);
  // An octet range of nmap, and relatives of it that other programs take.
  for (const target of ["10.0-255.0-255.1-254", "192.0.2.1-20", "0x7f.1", "224.0.0.1", "1.2.3"])
    t.is(await codeOf(console.call("runTool", ping(target))), "settings-invalid", target);
  t.is(system.tools.calls.length, 1);
});

test("one tool runs at a time; stopped, it answers with what it has", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, system } = appliance;
  const running = Promise.withResolvers<ToolOutput>();
  const begun = Promise.withResolvers<void>();
  system.tools.runTool = () => {
    begun.resolve();
    return running.promise;
  };
  system.tools.stopped = () => running.resolve(answered([]));
  const first = console.call("runTool", ping("192.0.2.1"));
  await begun.promise;
  t.is(await codeOf(console.call("runTool", ping("192.0.2.2"))), "tool-busy");
  await console.call("stopTool", {});
  t.is((await first).outcome, "ok");
  system.tools.runTool = async () => answered([]);
  t.is((await console.call("runTool", ping("192.0.2.2"))).outcome, "ok");
});

test("a caller that hangs up ends its tool", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, system } = appliance;
  const ended = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  system.tools.runTool = (_: ToolTask, signal?: AbortSignal) =>
    new Promise<ToolOutput>((_resolve, reject) => {
      signal?.addEventListener("abort", () => {
        ended.resolve();
        reject(new OutriderError("tool-stopped"));
      });
      begun.resolve();
    });
  const gone = new AbortController();
  const call = console.call("runTool", ping("192.0.2.1"), gone.signal);
  await begun.promise;
  gone.abort();
  await t.throwsAsync(call);
  await ended.promise;
  t.pass();
});

test("what tools contact is in the egress ledger: hosts with their addresses, DNS servers, and nobody for a capture", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, system } = appliance;
  system.tools.answers = {
    ping: answered(["198.51.100.7"]),
    trace: answered(["198.51.100.9"]),
    tls: answered(["198.51.100.20"]),
    "look-up": answered(["192.0.2.1"]),
    capture: answered([], Buffer.from("packets")),
  };
  const run = (request: ToolRequest) => console.call("runTool", request);
  await run(ping("near.example.org"));
  await run(ping("near.example.org"));
  await run({ tool: "trace", role: "lan", target: "far.example.org", port: 8443 });
  await run({ tool: "tls", role: "lan", target: "far.example.org", port: 443, direct: true });
  await run({ tool: "look-up", role: "lan", target: "near.example.org", type: "MX" });
  await run({
    tool: "look-up",
    role: "lan",
    target: "near.example.org",
    type: "A",
    server: "192.0.2.99",
  });
  await run({ tool: "capture", role: "lan", kind: "all", seconds: 5 });
  system.tools.runTool = () => Promise.reject(new OutriderError("system-failed"));
  await t.throwsAsync(run(ping("192.0.2.77")));
  const { entries } = await console.call("egress", {});
  const lines = entries.flatMap(({ by, host, port, protocol, addresses, count, reason }) =>
    by === "console"
      ? [`${reason?.code} ${host} ${port} ${protocol} ${addresses.join()} ${count}`]
      : [],
  );
  t.deepEqual(lines.sort(), [
    "for-look-up 192.0.2.1 53 any  1",
    "for-look-up 192.0.2.99 53 any  1",
    "for-ping 192.0.2.77 0 icmp 192.0.2.77 1",
    "for-ping near.example.org 0 icmp 198.51.100.7 2",
    "for-tls far.example.org 443 tcp 198.51.100.20 1",
    "for-trace far.example.org 8443 tcp 198.51.100.9 1",
  ]);
});

test("the last three captures lie here for the bundles, which say what they lack", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { console, system, clock, agent } = appliance;
  const capture: ToolRequest = { tool: "capture", role: "lan", kind: "dns", seconds: 5 };
  t.deepEqual((await agent.call("captures", {})).names, []);
  for (let number = 1; number <= 4; number++) {
    system.tools.answers.capture = answered([], Buffer.from(`packets ${number}`));
    await console.call("runTool", capture);
    clock.advance(1000);
  }
  const { names, note } = await agent.call("captures", {});
  t.is(names.length, 3);
  t.regex(note, /no\nlogin at a proxy/);
  const contents = await Promise.all(
    names.map(async (name) => (await agent.call("capture", { name })).content),
  );
  t.deepEqual(
    contents.map((content) => Buffer.from(content, "base64").toString()),
    ["packets 2", "packets 3", "packets 4"],
  );
  t.is(
    await codeOf(agent.call("capture", { name: "capture-lan-20200101T000000Z.pcap" })),
    "request-invalid",
  );
  const stick = { id: "sdb1", label: "A", fileSystem: "vfat", sizeBytes: 1e9, writable: true };
  system.tools.volumesNow = [stick];
  const { file } = await console.call("supportBundle", { volume: "sdb1" });
  const bundle = gunzipSync(
    Buffer.from(system.tools.files.sdb1?.[file] ?? "", "base64"),
  ).toString();
  t.true(bundle.includes("outrider-support/captures/README.txt"));
  t.true(bundle.includes("packets 4"));
  t.false(bundle.includes("packets 1"));
  // Nothing else of that folder is a capture.
  await mkdir(appliance.paths.captures, { recursive: true });
  await writeFile(join(appliance.paths.captures, "other.txt"), "x");
  t.is((await agent.call("captures", {})).names.length, 3);
});

test("a tool's unit has the user and the card of its side, and raw packets only where it needs them", (t) => {
  const of = (request: ToolRequest, callsHome: boolean) =>
    toolProperties({ request, device: "eth1", callsHome }, []);
  const home = of(ping("192.0.2.1"), true);
  t.true(home.includes("User=outrider-agent"));
  t.true(home.includes("RestrictNetworkInterfaces=lo eth1"));
  t.true(home.includes("CapabilityBoundingSet=CAP_NET_RAW"));
  t.true(of(ping("192.0.2.1"), false).includes("User=outrider-scan"));
  const looking = of({ tool: "look-up", role: "lan", target: "a.example", type: "A" }, false);
  t.true(looking.includes("CapabilityBoundingSet="));
  t.false(looking.join().includes("AF_PACKET"));
  for (const properties of [home, looking, doctorProperties(testPaths)])
    for (const wanted of ["NoNewPrivileges=yes", "SystemCallFilter=@system-service"])
      t.true(properties.includes(wanted), wanted);
  t.true(home.some((each) => /^InaccessiblePaths=.*\/data\/outrider\/secrets/.test(each)));
});

test("a tool's program that prints anything else than an answer has failed", (t) => {
  t.deepEqual(readOutput(JSON.stringify(answered(["192.0.2.1"]))), answered(["192.0.2.1"]));
  for (const text of ["", "{}", "no JSON", '{"answer":{},"capture":null}'])
    t.throws(() => readOutput(text), { code: "tool-failed" });
});
