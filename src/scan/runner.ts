import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type Family, prefixesOf } from "../base/addresses/ranges.ts";
import { parseExclusions, rangesToScan } from "../base/addresses/scan-targets.ts";
import type { Clock } from "../base/clock.ts";
import { removeDurably, writeDurably } from "../base/durable-file.ts";
import { OutriderError } from "../base/messages/error.ts";
import { type ShardFiles, shardFiles } from "./files.ts";
import { nmapArguments } from "./nmap/arguments.ts";
import type { ShardDone, ShardPlan } from "./schemas.ts";
import { validators } from "./validators.ts";

export interface RunnerOptions {
  jobFolder: string;
  jobId: string;
  shard: number;
  /** nmap, or a stand-in; one that ends in .ts or .js is run by this same Node. */
  engine: string;
  /** Raw packets may be sent: the process has CAP_NET_RAW and nothing is simulated. */
  raw: boolean;
  /** Handed on to the engine, besides the few variables that it needs. */
  environment: Record<string, string>;
  clock: Clock;
  signal: AbortSignal;
}

const largestPlanBytes = 2 ** 20;
const errorTailLength = 2000;

/** Runs the engine for one shard: plan file in, XML and done file out. */
export async function runShard(options: RunnerOptions): Promise<ShardDone> {
  const files = shardFiles(options.jobFolder, options.shard);
  const plan = await readPlan(files, options);
  await removeDurably(files.done);
  await rm(files.xml, { force: true });
  const { targets, family } = targetsOf(plan);
  await writeDurably(files.targets, lines(targets), { mode: 0o660 });
  await writeDurably(files.exclusions, lines(exclusionsOf(plan, family)), { mode: 0o660 });
  const done = await runEngine(plan, files, options);
  await writeDurably(files.done, JSON.stringify(done), { mode: 0o660 });
  return done;
}

async function readPlan(files: ShardFiles, { jobId, shard }: RunnerOptions): Promise<ShardPlan> {
  const text = await readFile(files.plan);
  if (text.length > largestPlanBytes)
    throw new OutriderError("request-invalid", { detail: "the plan is too large" });
  const parsed = validators.ShardPlan(JSON.parse(text.toString("utf8")));
  if (!parsed.valid)
    throw new OutriderError("request-invalid", {
      detail: `the plan: ${parsed.violations[0]?.path} ${parsed.violations[0]?.message}`,
    });
  if (parsed.value.jobId !== jobId || parsed.value.shard !== shard)
    throw new OutriderError("request-invalid", { detail: "the plan is another shard's" });
  return parsed.value;
}

/** The addresses as this program writes them, never as they came. */
function targetsOf({ targets, exclusions }: ShardPlan): { targets: string[]; family: Family } {
  const refuse = (detail: string) =>
    new OutriderError("scan-targets-invalid", { detail: detail.slice(0, 400) });
  try {
    const ranges = rangesToScan(targets, exclusions);
    const family = ranges[0]?.family;
    if (family === undefined) throw refuse("nothing is left to scan");
    if (ranges.some((range) => range.family !== family))
      throw refuse("a shard has IPv4 or IPv6 addresses, not both");
    return { targets: [...prefixesOf(ranges)], family };
  } catch (error) {
    throw error instanceof RangeError ? refuse(error.message) : error;
  }
}

/**
 * Once more what was taken off already: nmap looks at no excluded address, whatever it is told. It
 * reads those of one family only, as prefixes.
 */
function exclusionsOf({ exclusions }: ShardPlan, family: Family): string[] {
  const parsed = parseExclusions(exclusions);
  return parsed.ok
    ? [...prefixesOf(parsed.targets.filter((range) => range.family === family))]
    : [];
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}

async function runEngine(
  plan: ShardPlan,
  files: ShardFiles,
  { engine, raw, environment, clock, signal }: RunnerOptions,
): Promise<ShardDone> {
  // nmap looks for files and scripts of its own in the home folder: it gets an empty one.
  const home = await mkdtemp(join(tmpdir(), "outrider-scan-"));
  const startedAt = clock.nowMs();
  let errorTail = "";
  try {
    const script = /\.[jt]s$/.test(engine);
    const child = execa(
      script ? process.execPath : engine,
      [...(script ? [engine] : []), ...nmapArguments(plan, files, raw)],
      {
        extendEnv: false,
        env: {
          ...environment,
          HOME: home,
          PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
          LC_ALL: "C.UTF-8",
        },
        cwd: home,
        stdin: "ignore",
        stdout: "ignore",
        stderr: "pipe",
        buffer: false,
        reject: false,
        timeout: plan.deadlineSeconds * 1000,
        forceKillAfterDelay: 5000,
        cancelSignal: signal,
      },
    );
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errorTail = (errorTail + text).slice(-errorTailLength);
    });
    const result = await child;
    const words = result.timedOut
      ? `ended after ${plan.deadlineSeconds} s, its limit. `
      : result.exitCode === undefined && result.signal === undefined
        ? result.shortMessage
        : "";
    return {
      version: 1,
      attempt: plan.attempt,
      tryNumber: plan.tryNumber,
      exitCode: result.exitCode ?? null,
      signal: result.signal ?? null,
      startedAt,
      endedAt: Math.max(startedAt, clock.nowMs()),
      errorTail: `${words ?? ""}${errorTail}`.slice(0, 4000),
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
