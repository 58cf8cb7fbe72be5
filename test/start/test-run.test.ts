import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { endingMs, runPart } from "../../image/start/run-part.ts";
import { TapCounter } from "../../image/start/tap.ts";
import type { Part } from "../../image/start/test-parts.ts";
import { runBefore } from "../../image/start/test-run.ts";
import { FakeClock } from "../testkit/clock.ts";

const silent = { write: () => undefined };
const minuteMs = 60_000;

interface Run {
  clock: FakeClock;
  counts: TapCounter;
  ended: Promise<void>;
  /** The program wrote this line. */
  line(text: string): Promise<void>;
}

/** Runs a real program; only the limits' clock is a fake. `onLine` is called for each line. */
function start(
  script: string,
  part: Partial<Part>,
  onLine: (clock: FakeClock, line: string) => void = () => undefined,
): Run {
  const clock = new FakeClock();
  const counts = new TapCounter();
  const lines = new EventEmitter();
  const write = (line: string) => {
    onLine(clock, line);
    lines.emit(line);
  };
  const ended = runPart(
    { name: "a part", program: process.execPath, args: ["-e", script], single: false, ...part },
    counts,
    { write },
    clock,
  );
  return { clock, counts, ended, line: async (text) => void (await once(lines, text)) };
}

async function countsOf(script: string, part: Partial<Part> = {}): Promise<TapCounter> {
  const { counts, ended } = start(script, part);
  await ended;
  return counts;
}

test("a part's results are counted, whatever time is left for it: the rest of a deadline is no whole number", async (t) => {
  const counts = await countsOf(`console.log("TAP version 13\\nok 1 - one\\nnot ok 2 - two")`, {
    limitMs: 60_000.525987,
  });
  t.deepEqual([counts.passed, counts.failed], [1, 1]);
});

test("a program that dies without a result is a failure", async (t) => {
  t.deepEqual((await countsOf("process.exit(3)")).failures, ["a part (ended with 3)"]);
});

test("a program that cannot be started is a failure", async (t) => {
  const counts = await countsOf("", { program: "/nonexistent" });
  t.deepEqual(counts.failures, ["a part (ended with -1)"]);
});

test("a part in which no test finishes any more is ended; the files without a result fail by name", async (t) => {
  const run = start(`console.log("ok 1 - a › one"); setInterval(() => undefined, 1000)`, {
    stuckAfterMs: 6 * minuteMs,
    files: ["test/a.test.ts", "test/b.test.ts", "test/c/d.test.ts"],
  });
  await run.line("ok 1 - a › one");
  await run.clock.advance(6 * minuteMs);
  await run.ended;
  t.is(run.counts.passed, 1);
  t.deepEqual(run.counts.failures, [
    "a part (ended: no test finished for 6 minutes; the last result was of: a › one)",
    "test/b.test.ts (not run)",
    "test/c/d.test.ts (not run)",
  ]);
  t.is(run.counts.failed, 3);
});

test("a slow part is not ended: each result starts the time again", async (t) => {
  const script = `let n = 0; const alive = setInterval(() => undefined, 1000);
    process.on("SIGUSR2", () => console.log("ok " + ++n + " - one") || n === 3 && clearInterval(alive));
    console.log("# " + process.pid);`;
  const pid = Promise.withResolvers<number>();
  const run = start(script, { stuckAfterMs: 6 * minuteMs }, (_clock, line) => {
    if (line.startsWith("# ")) pid.resolve(Number(line.slice(2)));
  });
  for (const number of [1, 2, 3]) {
    const next = run.line(`ok ${number} - one`);
    await run.clock.advance(5 * minuteMs);
    process.kill(await pid.promise, "SIGUSR2");
    await next;
  }
  await run.ended;
  t.deepEqual([run.counts.passed, run.counts.failed], [3, 0]);
});

test("other output is no progress", async (t) => {
  const run = start(
    `setInterval(() => console.log("still here"), 20)`,
    { stuckAfterMs: 6 * minuteMs },
    (clock) => void clock.advance(minuteMs),
  );
  await run.ended;
  t.regex(run.counts.failures[0] ?? "", /no test finished for 6 minutes/);
});

test("a program that ignores the request to end is killed", async (t) => {
  const script = `process.on("SIGINT", () => console.log("no")); setInterval(() => undefined, 1000);
    console.log("ok 1 - one")`;
  const run = start(script, { stuckAfterMs: 6 * minuteMs });
  await run.line("ok 1 - one");
  const refused = run.line("no");
  await run.clock.advance(6 * minuteMs);
  await refused;
  await run.clock.advance(endingMs);
  await run.ended;
  t.is(run.counts.failed, 1);
});

test("a process that keeps the output of an ended program open does not keep the run", async (t) => {
  const script = `
    const { spawn } = require("node:child_process");
    const other = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], { stdio: "inherit", detached: true });
    console.log("# " + other.pid);
    console.log("ok 1 - one");
    setInterval(() => undefined, 1000);`;
  let other = 0;
  const clock = new FakeClock();
  const counts = new TapCounter();
  const lines = new EventEmitter();
  const write = (line: string) => {
    other ||= Number(/^# (\d+)$/.exec(line)?.[1] ?? 0);
    lines.emit(line);
  };
  const seen = once(lines, "ok 1 - one");
  const part: Part = {
    name: "a part",
    program: process.execPath,
    args: ["-e", script],
    single: false,
  };
  const ended = runPart({ ...part, stuckAfterMs: 6 * minuteMs }, counts, { write }, clock);
  await seen;
  t.teardown(() => process.kill(other));
  await clock.advance(6 * minuteMs);
  await clock.advance(endingMs);
  await clock.advance(endingMs);
  await ended;
  t.is(counts.failed, 1);
});

test("the caller's deadline ends a part that makes progress too", async (t) => {
  const run = start(
    `let n = 0; setInterval(() => console.log("ok " + ++n + " - a › test"), 20)`,
    {
      stuckAfterMs: 6 * minuteMs,
      limitMs: 30 * minuteMs,
      files: ["test/a.test.ts", "test/b.test.ts"],
    },
    (clock) => void clock.advance(minuteMs),
  );
  await run.ended;
  t.regex(
    run.counts.failures[0] ?? "",
    /^a part \(ended: the time was up; the last result was of: a › test/,
  );
  t.deepEqual(run.counts.failures.slice(1), ["test/b.test.ts (not run)"]);
});

test("a part for which no time is left fails with each of its files", async (t) => {
  const counts = new TapCounter();
  const part: Part = { name: "a part", program: "/nonexistent", args: [], single: false };
  const files = ["test/a.test.ts", "test/b.test.ts"];
  await runBefore(performance.now() - 1, { ...part, files }, counts, silent);
  await runBefore(performance.now() - 1, part, counts, silent);
  t.deepEqual(counts.failures, [
    "test/a.test.ts (not run)",
    "test/b.test.ts (not run)",
    "a part (not run)",
  ]);
  t.is(counts.failed, 3);
});

test("stopping a run by its process id alone stops its tests too", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-part-"));
  const server = createServer();
  t.teardown(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const path = join(folder, "socket");
  await once(server.listen(path), "listening");
  const part = {
    name: "a part",
    program: process.execPath,
    args: ["-e", `require("node:net").connect(${JSON.stringify(path)})`],
    single: false,
  };
  const runner = `
    import { runPart } from ${JSON.stringify(join(import.meta.dirname, "../../image/start/run-part.ts"))};
    process.once("SIGTERM", () => process.exit(130));
    await runPart(${JSON.stringify(part)}, {}, { write: () => undefined });`;
  const run = spawn(process.execPath, ["--input-type=module", "-e", runner], { stdio: "ignore" });
  const [connection] = await once(server, "connection");
  run.kill();
  await once(connection.resume(), "close");
  t.pass();
});
