import test from "ava";
import { fact } from "../../src/base/messages/facts.ts";
import { streamOutput } from "../../src/cli/output.ts";
import { runCli } from "../../src/cli/run.ts";
import { UnixConfigdClient } from "../../src/configd/api/client.ts";
import type { ToolAnswer } from "../../src/configd/api/tool-shapes.ts";
import type { ToolOutput } from "../../src/configd/api/tool-task.ts";
import { type TestAppliance, testAppliance } from "../testkit/configd/test-appliance.ts";

interface Run {
  exitCode: number;
  out: string;
  err: string;
}

async function cli(
  { paths }: TestAppliance,
  words: readonly string[],
  onInterrupt: (stop: () => void) => () => void = () => () => undefined,
): Promise<Run> {
  const run = { exitCode: -1, out: "", err: "" };
  const collect = (stream: "out" | "err") => ({
    write: (text: string) => {
      run[stream] += text;
    },
  });
  const nothing = async () => "";
  run.exitCode = await runCli(words, {
    connect: (path) => new UnixConfigdClient(path ?? paths.consoleSocket),
    input: { secret: nothing, line: nothing },
    caller: "anna pts/1",
    output: streamOutput(collect("out"), collect("err")),
    version: nothing,
    licences: nothing,
    onInterrupt,
    openConsole: async () => 0,
  });
  return run;
}

const output = (answer: Partial<ToolAnswer>): ToolOutput => ({
  answer: { outcome: "ok", code: null, verdict: [], lines: [], contacted: [], ...answer },
  capture: null,
});

test("a tool prints its verdict first, then what it is taken from", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { tools } = appliance.system;
  tools.answers.ping = output({
    verdict: [fact("ping-counts", { answered: 4, sent: 4, milliseconds: 0.05 })],
    lines: [
      [fact("ping-reply", { sequence: 1, address: "192.0.2.1", milliseconds: 0.05, hops: 64 })],
    ],
  });
  const good = await cli(appliance, ["ping", "192.0.2.1"]);
  t.is(good.out, "ok  4 of 4 answered, 0.05 ms\n\n  1. 192.0.2.1, 0.05 ms, TTL 64\n");
  t.is(good.exitCode, 0);
  tools.answers.trace = output({
    outcome: "failed",
    code: "trace-prohibited",
    verdict: [fact("hop-prohibits", { number: 3, address: "198.51.100.2" })],
  });
  const bad = await cli(appliance, ["trace", "platform.example.org", "--port", "8443"]);
  t.is(bad.exitCode, 5);
  t.regex(
    bad.out,
    /^FAILED {2}A firewall on the way forbids the connection\.\n {2}Facts: hop 3, 198\.51\.100\.2, says that its rules forbid it\n {2}Why: .*\n {2}Next: /,
  );
  const json = JSON.parse((await cli(appliance, ["trace", "a.example", "--json"])).out);
  t.like(json, {
    outcome: "failed",
    code: "trace-prohibited",
    verdict: "hop 3, 198.51.100.2, says that its rules forbid it",
  });
  t.truthy(json.why && json.remedy);
});

test("the command line asks for what its words say", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const asked: unknown[] = [];
  appliance.system.tools.runTool = async ({ request }) => {
    asked.push(request);
    return output({});
  };
  await cli(appliance, ["lookup", "example.org", "--type", "mx", "--server", "192.0.2.53"]);
  await cli(appliance, ["tls", "2001:db8::1", "--port", "8443", "--direct"]);
  await cli(appliance, ["capture", "--only", "dns", "--host", "192.0.2.7", "--seconds", "5"]);
  await cli(appliance, ["lookup", "münchen.example", "--from", "lan"]);
  t.deepEqual(asked, [
    { tool: "look-up", role: "lan", target: "example.org", type: "MX", server: "192.0.2.53" },
    { tool: "tls", role: "lan", target: "2001:db8::1", port: 8443, direct: true },
    { tool: "capture", role: "lan", kind: "dns", host: "192.0.2.7", seconds: 5 },
    { tool: "look-up", role: "lan", target: "xn--mnchen-3ya.example", type: "address" },
  ]);
});

test("what is typed wrongly is said with what would be right, and nothing runs", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const wrong: readonly [words: string[], says: RegExp][] = [
    [["ping"], /takes a name or an address/],
    [["ping", "10.0-255.0-255.1-254"], /is several hosts/],
    [["ping", "192.0.2.0/24"], /neither a host name nor an address/],
    [["ping", "224.0.0.1"], /multicast/i],
    [["ping", "a.example", "b.example"], /one word too many/],
    [["trace", "a.example", "--port", "0"], /is not a port/],
    [["lookup", "a.example", "--type", "ANY"], /takes one of address, A,/],
    [["lookup", "a.example", "--server", "ns.example"], /is not an address/],
    [["capture", "--seconds", "3600"], /from 1 to 120/],
    [["capture", "a.example"], /one word too many/],
    [["ping", "a.example", "--seconds", "3"], /no option of `outrider ping`/],
    [["ping", "a.example", "--from", "dmz"], /takes lan or wan/],
    [["ping", "a.example", "--unknown"], /Unknown option/],
  ];
  for (const [words, says] of wrong) {
    const { exitCode, err } = await cli(appliance, words);
    t.is(exitCode, 2, words.join(" "));
    t.regex(err, says);
  }
  t.deepEqual(appliance.system.tools.calls, []);
});

test("Ctrl-C has a tool answer with what it has", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const { tools } = appliance.system;
  const running = Promise.withResolvers<ToolOutput>();
  const begun = Promise.withResolvers<void>();
  tools.runTool = () => {
    begun.resolve();
    return running.promise;
  };
  tools.stopped = () => running.resolve(output({ outcome: "failed", code: "tool-stopped" }));
  let interrupt: () => void = () => undefined;
  const command = cli(appliance, ["capture"], (stop) => {
    interrupt = stop;
    return () => undefined;
  });
  await begun.promise;
  interrupt();
  const { out, err, exitCode } = await command;
  t.regex(out, /^FAILED {2}It was stopped\./);
  t.is(err, "Stopping...\n");
  t.is(exitCode, 5);
});

test("each tool has a help page", async (t) => {
  const appliance = await testAppliance(t);
  for (const verb of ["ping", "lookup", "trace", "tls", "capture"]) {
    const { out, exitCode } = await cli(appliance, [verb, "--help"]);
    t.is(exitCode, 0);
    t.true(out.startsWith(`outrider ${verb}`));
    t.is((await cli(appliance, ["help", verb])).out, out);
  }
});
