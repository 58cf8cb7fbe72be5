import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { keepProgress } from "../../src/scan/run/progress-file.ts";

/** A program that prints far more than a pipe holds, and how it ended. */
async function printTo(path: string, mostBytes: number) {
  const lines = 'for (let line = 0; line < 50000; line++) console.log("Discovered " + line);';
  const child = spawn(process.execPath, ["-e", lines], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  await keepProgress(child.stdout, path, 0o660, mostBytes);
  return await ended;
}

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-progress-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("what a program prints is kept up to the limit, and the program does not wait", async (t) => {
  const path = join(await folderFor(t), "0.progress");
  t.deepEqual(await printTo(path, 2000), [0, null]);
  const text = await readFile(path, "utf8");
  t.is(text.length, 2000);
  t.true(text.startsWith("Discovered 0\nDiscovered 1\n"));
});

test("a file that cannot be made, or is there already, does not end the program", async (t) => {
  t.deepEqual(await printTo("/nowhere/0.progress", 2000), [0, null]);
  t.deepEqual(await printTo("/dev/full", 2000), [0, null]);
});
