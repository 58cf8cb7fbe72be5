import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { EventLog } from "../../image/run/event-log.ts";
import { TapCounter } from "../../image/start/tap.ts";
import { runPart } from "../../image/start/test-run.ts";

async function countsOf(t: ExecutionContext, script: string, limitMs: number): Promise<TapCounter> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-part-"));
  const log = await EventLog.open(folder, "part");
  t.teardown(async () => {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });
  const counts = new TapCounter();
  await runPart(
    { name: "a part", program: process.execPath, args: ["-e", script], single: false, limitMs },
    counts,
    log,
  );
  return counts;
}

test("a part counts what it says, with whatever time is left for it: what is left of a deadline is no whole number", async (t) => {
  const counts = await countsOf(
    t,
    `console.log("TAP version 13\\nok 1 - one\\nnot ok 2 - two")`,
    60_000.525987,
  );
  t.deepEqual([counts.passed, counts.failed], [1, 1]);
});

test("a part that outstays its time, or dies without a word, is a failure", async (t) => {
  t.is((await countsOf(t, "setInterval(() => undefined, 1000)", 300.5)).failed, 1);
  t.is((await countsOf(t, "process.exit(3)", 60_000)).failed, 1);
});

test("whoever stops a run by its id alone stops its tests too", async (t) => {
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
    import { runPart } from ${JSON.stringify(join(import.meta.dirname, "../../image/start/test-run.ts"))};
    process.once("SIGTERM", () => process.exit(130));
    await runPart(${JSON.stringify(part)}, { take: () => null }, { write: () => undefined });`;
  const run = spawn(process.execPath, ["--input-type=module", "-e", runner], { stdio: "ignore" });
  const [connection] = await once(server, "connection");
  run.kill();
  await once(connection.resume(), "close");
  t.pass();
});
