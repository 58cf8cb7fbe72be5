import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { projectFolder } from "../root/system-layer.ts";
import type { EventLog } from "../run/event-log.ts";
import { stopSignal } from "../run/stop-signals.ts";
import { whyNoLab } from "./capability.ts";
import { TapCounter } from "./tap.ts";

export interface Part {
  name: string;
  program: string;
  args: string[];
  /** Counts as one test by its exit code; else its output is TAP. */
  single: boolean;
  /** For what stands in the way of some of its tests. */
  environment?: Readonly<Record<string, string>>;
  limitMs?: number;
}

/** A run that goes on for longer than this is stuck. */
const partLimitMs = 20 * 60_000;

/**
 * `npm test`: types, style and import rules, every test that needs no VM; the last line has the
 * counts.
 */
export async function runTests(args: readonly string[], log: EventLog): Promise<number> {
  const chosen = args.filter((arg) => !arg.startsWith("--"));
  const signal = stopSignal();
  const parts = await planParts(chosen, args.includes("--unit"));
  const totals = new TapCounter();
  for (const part of parts) {
    const outcome = await Promise.race([runPart(part, totals, log), signal]);
    if (outcome !== null) return 130;
  }
  return tellTotals(totals, log);
}

/** The run's last lines, and its exit code. */
export function tellTotals(totals: TapCounter, log: EventLog): number {
  if (totals.skipped.length > 0)
    process.stdout.write(`Skipped:\n${totals.skipped.map((title) => `  ${title}\n`).join("")}`);
  if (totals.failed > 0)
    process.stdout.write(
      `Failed:\n${totals.failures.map((title) => `  ${title}\n`).join("")}The log is ${log.path}\n`,
    );
  const skipped = totals.skipped.length > 0 ? `, ${totals.skipped.length} skipped` : "";
  process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
  return totals.failed === 0 && totals.passed + totals.skipped.length > 0 ? 0 : 1;
}

async function planParts(chosen: string[], unitOnly: boolean): Promise<Part[]> {
  if (chosen.length > 0) return [ava("chosen tests", chosen, 1)];
  const files = (await readdir(join(projectFolder, "test"), { recursive: true }))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `test/${file}`);
  const needsLab = (file: string) => file.startsWith("test/lab/");
  const parts: Part[] = [
    {
      name: "types (tsc)",
      program: join(projectFolder, "node_modules/.bin/tsc"),
      args: ["-p", "."],
      single: true,
    },
    {
      name: "style and import rules (biome)",
      program: join(projectFolder, "node_modules/.bin/biome"),
      args: ["check", "--error-on-warnings", "."],
      single: true,
    },
    ava(
      "unit, platform, console and page tests",
      files.filter((file) => !needsLab(file)).sort(),
      2,
    ),
  ];
  const labFiles = files.filter(needsLab).sort();
  if (!unitOnly && labFiles.length > 0) parts.push(await withRoot(ava("lab tests", labFiles, 2)));
  return parts;
}

export function ava(name: string, files: readonly string[], concurrency: number): Part {
  const entry = join(projectFolder, "node_modules/ava/entrypoints/cli.js");
  return {
    name,
    program: process.execPath,
    args: [entry, "--tap", "--concurrency", String(concurrency), ...files],
    single: false,
  };
}

/**
 * The lab needs root. Without it the same files run, and each of their tests says that it is
 * skipped.
 */
async function withRoot(part: Part): Promise<Part> {
  if (process.getuid?.() === 0) return part;
  const sudo = await execa("sudo", ["-n", "true"], { reject: false });
  if (sudo.exitCode !== 0) return part;
  const keep = ["HOME", "XDG_CACHE_HOME", "PATH", "LANG", "OUTRIDER_DEBIAN_MIRROR"].flatMap(
    (name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]),
  );
  return { ...part, program: "sudo", args: ["-n", "env", ...keep, part.program, ...part.args] };
}

export async function runPart(part: Part, totals: TapCounter, log: EventLog): Promise<null> {
  const startedMs = performance.now();
  process.stdout.write(`${part.name} ...\n`);
  if (part.name === "lab tests") {
    const obstacle = await whyNoLab();
    if (obstacle !== null && part.program !== "sudo")
      process.stdout.write(`  ${obstacle}: the lab tests are skipped\n`);
  }
  const counter = new TapCounter();
  const child = spawn(part.program, part.args, {
    cwd: projectFolder,
    env: { ...process.env, ...part.environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: Math.ceil(part.limitMs ?? partLimitMs),
    killSignal: "SIGKILL",
  });
  // Whoever stops the run by its id alone, as a continuous integration does, stops the tests too.
  const end = () => child.kill();
  process.once("exit", end);
  const tail: string[] = [];
  const read = async (stream: NodeJS.ReadableStream) => {
    for await (const line of createInterface({ input: stream })) {
      log.write(line);
      tail.push(line);
      if (tail.length > 60) tail.shift();
      const shown = part.single ? null : counter.take(line);
      if (shown !== null) process.stdout.write(`  ${shown}\n`);
    }
  };
  const exit = new Promise<number>((resolve) => {
    child.once("error", () => resolve(-1));
    child.once("close", (code) => resolve(code ?? -1));
  });
  const [exitCode] = await Promise.all([exit, read(child.stdout), read(child.stderr)]);
  process.off("exit", end);
  if (part.single) counter.take(exitCode === 0 ? `ok 1 - ${part.name}` : `not ok 1 - ${part.name}`);
  // A worker that died, or files that could not be loaded, end it without a line of their own.
  else if (exitCode !== 0 && counter.failed === 0)
    counter.take(`not ok 1 - ${part.name} (ended with ${exitCode})`);
  if (exitCode !== 0) process.stdout.write(`${tail.map((line) => `  | ${line}\n`).join("")}`);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  process.stdout.write(
    `  ${counter.passed} passed, ${counter.failed} failed, ${counter.skipped.length} skipped (${seconds} s)\n`,
  );
  totals.add(counter);
  return null;
}
