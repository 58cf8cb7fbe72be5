import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { OutputReader, type ReadBounds } from "../../src/agent/scan-jobs/output-reader.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { describeFacts } from "../../src/base/messages/facts.ts";
import type { HostObservation } from "../../src/protocol/schemas/results.ts";
import { validators } from "../../src/protocol/validators.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import { FakeClock } from "../testkit/clock.ts";
import { processReader } from "../testkit/scan/output-reader.ts";

const never = new AbortController().signal;
const small: ReadBounds = { hosts: 3, ports: 5, bytes: 4000, lineBytes: 2000, readMs: 60_000 };
const bounded = (bounds: Partial<ReadBounds> = {}) => {
  const all = { ...small, ...bounds };
  return { usual: all, careful: all };
};

const opened = (address: string) =>
  `<host><status state="up" reason="x"/><address addr="${address}" addrtype="ipv4"/><ports>`;
const host = (address: string) => `${opened(address)}</ports></host>`;
const port = (number: number, inside = "") =>
  `<port protocol="tcp" portid="${number}"><state state="open" reason="x"/>${inside}</port>`;

/** Text after text, so that no test holds the whole of a huge file. */
function* many(before: string, times: number, each: (index: number) => string, after = "") {
  yield before;
  for (let index = 0; index < times; index++) yield each(index);
  yield after;
}

async function fileOf(t: ExecutionContext, content: Iterable<string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-hostile-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "1.xml");
  await pipeline(Readable.from(content), createWriteStream(path));
  return path;
}

async function readOutput(
  t: ExecutionContext,
  content: Iterable<string>,
  reader = processReader(),
) {
  const path = await fileOf(t, content);
  const { hosts, run, fault } = await reader.read(nmap, "output", path, {}, never);
  return {
    addresses: hosts.map(({ address }) => address),
    run,
    fault: fault && describeFacts([fault]),
  };
}

test("a tag with more attributes than there is time and memory for ends its own reading", async (t) => {
  const attributes = (at: number) =>
    Array.from({ length: 1000 }, (_, more) => `a${at * 1000 + more}="" `).join("");
  const file = many(`<nmaprun>${host("192.0.2.1")}<host><ports><port `, 6000, attributes);
  const { addresses, run, fault } = await readOutput(t, file);
  t.deepEqual(addresses, ["192.0.2.1"]);
  t.is(fault, null);
  t.like(run, { complete: false, problem: "more than 64 attributes" });
});

test("an attribute without an end costs what stands before it nothing", async (t) => {
  const file = many(`<nmaprun>${host("192.0.2.1")}<host x="`, 1000, () => "x".repeat(65_536));
  const { addresses, run } = await readOutput(t, file);
  t.deepEqual(addresses, ["192.0.2.1"]);
  t.like(run, { complete: false, problem: "a tag or text that is too long" });
});

test("what is more than the agent takes in at once is a fault, and the hosts before it are kept", async (t) => {
  t.timeout(120_000);
  const tarpit = (last: number) =>
    many(opened(`192.0.2.${last}`), 65_536, (at) => port(at), "</ports></host>");
  const tarpits = (function* () {
    for (let last = 1; last <= 6; last++) yield* tarpit(last);
  })();
  const { addresses, run, fault } = await readOutput(
    t,
    many("<nmaprun>", 1, () => [...tarpits].join("")),
  );
  t.deepEqual(addresses, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
  t.is(run, null);
  t.is(fault, "its output has more than is taken in at once (262144 ports)");
});

test("a host that no memory is enough for ends the process that reads it, and not the agent", async (t) => {
  t.timeout(240_000);
  const cpes = `<service name="x">${`<cpe>${"c".repeat(300)}</cpe>`.repeat(20)}</service>`;
  const file = many(
    `<nmaprun>${host("192.0.2.1")}${opened("192.0.2.2")}`,
    65_536,
    (at) => port(at, cpes),
    "</ports></host></nmaprun>",
  );
  const { addresses, run, fault } = await readOutput(t, file);
  t.deepEqual(addresses, ["192.0.2.1"]);
  t.is(run, null);
  t.is(fault, "the process that reads its output was ended before it had read all");
});

const answer = (address: string, ports = 0): string => {
  const found: HostObservation = {
    address,
    hostnames: [],
    reason: "x",
    timedOut: false,
    ports: Array.from({ length: ports }, (_, number) => ({
      protocol: "tcp",
      number,
      state: "open",
      reason: "x",
    })),
  };
  return `${JSON.stringify({ host: found })}\n`;
};
const run = { version: "7", skippedTargets: [], finished: null, complete: true, problem: null };
const end = `${JSON.stringify({ run })}\n`;

test("a reader that was taken over is believed nothing that is no answer, and is given no time and memory", async (t) => {
  const says = (text: string, bounds: Partial<ReadBounds> = {}) =>
    readOutput(t, [text], processReader("echo-reader-main.ts", bounded(bounds)));
  const one = answer("192.0.2.1");
  t.like(await says(one + end), { addresses: ["192.0.2.1"], run, fault: null });
  const strange = "the process that reads its output said what is no answer";
  for (const text of [
    "no JSON\n",
    '{"host":{}}\n',
    '{"host":{"address":"192.0.2.2","hostnames":[],"reason":"x","timedOut":false,"ports":[1]}}\n',
    `{"run":${JSON.stringify({ ...run, version: "7".repeat(300) })}}\n`,
    `{"run":${JSON.stringify({ ...run, more: 1 })}}\n`,
    '{"run":null}\n',
  ])
    t.like(await says(one + text + end), { addresses: ["192.0.2.1"], run: null, fault: strange });
  const much = (what: string) => `its output has more than is taken in at once (${what})`;
  t.is((await says(answer("192.0.2.1", 6) + end)).fault, much("5 ports"));
  t.is((await says(one.repeat(4) + end)).fault, much("3 hosts"));
  t.is((await says(`${"x".repeat(2001)}\n`)).fault, much("2000 bytes"));
  t.is((await says(`${one}${" ".repeat(1990)}\n`, { bytes: 100 })).fault, much("100 bytes"));
  t.like(await says(one), {
    addresses: ["192.0.2.1"],
    fault: "the process that reads its output was ended before it had read all",
  });
  t.is((await says("hang", { readMs: 1000 })).fault, "its output could not be read within 1 s");
});

/** A reader that says these bytes. */
function saying(bytes: Uint8Array, cut: number): OutputReader {
  return new OutputReader({
    start: async () => ({
      input: new PassThrough().resume(),
      output: Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)], { objectMode: false }),
      end: () => undefined,
    }),
    clock: systemClock,
    log: silentLog,
    bounds: bounded(),
  });
}

test("whatever a reader says ends without an exception, within the bounds and within the protocol", async (t) => {
  const path = await fileOf(t, ["<nmaprun/>"]);
  const valid = Buffer.from(answer("192.0.2.1", 2) + answer("192.0.2.2") + end);
  const damaged = fc
    .tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }))
    .map(([at, byte]) => {
      const copy = Buffer.from(valid);
      copy[at] = byte;
      return copy;
    });
  const lines = fc
    .array(fc.oneof(fc.json(), fc.constantFrom(answer("192.0.2.3", 3).trim(), end.trim(), "")))
    .map((some) => Buffer.from(some.join("\n")));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(damaged, lines, fc.uint8Array({ maxLength: 300 })),
      fc.nat(300),
      async (bytes, cut) => {
        const reading = await saying(bytes, cut).read(nmap, "output", path, {}, never);
        t.true((reading.run === null) !== (reading.fault === null));
        t.true(reading.hosts.length <= small.hosts);
        const part = { jobId: "00000000-0000-4000-8000-000000000000", attempt: 1, number: 0 };
        t.true(validators.ResultPart({ ...part, hosts: reading.hosts }).valid);
      },
    ),
    { numRuns: 300 },
  );
});

test("a reader that cannot be started is waited for, and the output is read then", async (t) => {
  const path = await fileOf(t, ["<nmaprun/>"]);
  const clock = new FakeClock();
  let tries = 0;
  const reader = new OutputReader({
    start: async () => {
      if (++tries < 3) throw new Error("connect ENOENT");
      return {
        input: new PassThrough().resume(),
        output: Readable.from([Buffer.from(end)]),
        end: () => undefined,
      };
    },
    clock,
    log: silentLog,
  });
  const reading = reader.read(nmap, "output", path, {}, never);
  for (const expected of [1, 2]) {
    await clock.untilSleeping();
    t.is(tries, expected);
    await clock.advance(2000);
  }
  t.like(await reading, { run, fault: null });
});
