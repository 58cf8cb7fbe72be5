import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { projectFolder } from "../root/system-layer.ts";
import { whyNoLab } from "./capability.ts";

const minuteMs = 60_000;

/** One program of a test run. */
export interface Part {
  name: string;
  program: string;
  args: string[];
  /** Counts as one test by its exit code; otherwise its output is TAP. */
  single: boolean;
  /** Printed below the name. */
  note?: string;
  /** Test files. Each must give a result; a file that gives none is listed and counts as failed. */
  files?: readonly string[];
  /** Why some of its tests cannot run, for the tests themselves. */
  environment?: Readonly<Record<string, string>>;
  /**
   * Ends the part when no test has finished for this time. It must be longer than the longest
   * `t.timeout` of its tests: that reports a stuck test by its name, and the others still run.
   */
  stuckAfterMs?: number;
  /** Ends the part even though it makes progress: for a caller that has a deadline. */
  limitMs?: number;
}

/** Without any output: types and style take one minute here, and four under a load of 20. */
export const defaultStuckAfterMs = 20 * minuteMs;
/** The longest `t.timeout` of these tests is 10 minutes. */
const unitStuckAfterMs = 12 * minuteMs;
/** The longest `t.timeout` in test/lab is 10 minutes. */
const labStuckAfterMs = 15 * minuteMs;

/** `chosen` are files or patterns of ava; without any, the whole suite is planned. */
export async function planParts(chosen: readonly string[], unitOnly: boolean): Promise<Part[]> {
  if (chosen.length > 0) return [ava("chosen tests", chosen, 1)];
  const files = (await readdir(join(projectFolder, "test"), { recursive: true }))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `test/${file}`)
    .sort();
  const labFiles = files.filter((file) => file.startsWith("test/lab/"));
  const unitFiles = files.filter((file) => !labFiles.includes(file));
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
    {
      ...ava("unit, platform, console and page tests", unitFiles, 2),
      files: unitFiles,
      stuckAfterMs: unitStuckAfterMs,
    },
  ];
  if (unitOnly || labFiles.length === 0) return parts;
  const lab = {
    ...ava("lab tests", labFiles, 3),
    files: labFiles,
    stuckAfterMs: labStuckAfterMs,
  };
  return [...parts, await withRoot(lab)];
}

/**
 * ava must not end the run before the part's own limits do. ava's limit (package.json) ends a run
 * when no test finished in 5 minutes. That happens on a busy machine too, and the TAP reporter of
 * ava 8.0.0 then throws: the remaining files would not run, and no test would be named.
 */
const avaTimeout = "100m";

/** `files` may be patterns of ava too. */
export function ava(name: string, files: readonly string[], concurrency: number): Part {
  const entry = join(projectFolder, "node_modules/ava/entrypoints/cli.js");
  return {
    name,
    program: process.execPath,
    args: [
      entry,
      "--tap",
      `--timeout=${avaTimeout}`,
      "--concurrency",
      String(concurrency),
      ...files,
    ],
    single: false,
  };
}

/** The lab needs root. Without it the same tests run, and each of them skips itself. */
async function withRoot(part: Part): Promise<Part> {
  const sudo = process.getuid?.() !== 0 && (await hasSudo());
  if (!sudo) {
    const obstacle = await whyNoLab();
    return obstacle === null ? part : { ...part, note: `${obstacle}: the lab tests are skipped` };
  }
  const keep = ["HOME", "XDG_CACHE_HOME", "PATH", "LANG", "OUTRIDER_DEBIAN_MIRROR"].flatMap(
    (name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]),
  );
  return { ...part, program: "sudo", args: ["-n", "env", ...keep, part.program, ...part.args] };
}

async function hasSudo(): Promise<boolean> {
  const { exitCode } = await execa("sudo", ["-n", "true"], { reject: false });
  return exitCode === 0;
}
