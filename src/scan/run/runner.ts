import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Family } from "../../base/addresses/address.ts";
import { prefixesOf } from "../../base/addresses/ranges.ts";
import { parseExclusions, plannedRanges } from "../../base/addresses/scan-targets.ts";
import type { Clock } from "../../base/clock.ts";
import { removeDurably, writeDurably } from "../../base/durable-file.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact, quoted, withDetail } from "../../base/messages/facts.ts";
import { type Engine, engineNamed, type Privileges } from "../engine.ts";
import { planFile, type ShardFiles, shardFiles } from "../files.ts";
import { commandLine, type EngineProgram } from "../program.ts";
import type { ShardDone, ShardPlan } from "../schemas.ts";
import { validators } from "../validators.ts";
import type { OutageKind, ScanCard } from "./card.ts";
import { runOverCard } from "./card-watch.ts";
import { keepProgress } from "./progress-file.ts";
import { WaitNote } from "./wait-note.ts";

/** The program that is started for an engine, and its own environment variables. */
export interface ProgramStart {
  command: string;
  environment: Readonly<Record<string, string>>;
}

export interface RunnerOptions {
  jobFolder: string;
  jobId: string;
  shard: number;
  engines: readonly Engine[];
  programOf(engine: EngineProgram): ProgramStart;
  privileges: Privileges;
  /** The card that the plan names; null where none is watched, as in a simulated run. */
  cardOf(device: string): ScanCard | null;
  /** Called when the scan begins to wait for its card, and when it goes on. */
  waiting?(card: string, kind: OutageKind | null): void;
  clock: Clock;
  signal: AbortSignal;
}

const largestPlanBytes = 2 ** 20;
const errorTailLength = 2000;
/** Some 150,000 lines of open ports. */
const mostProgressBytes = 8 * 2 ** 20;
const defaultCardWaitSeconds = 1800;
/** Agent and runner are different users that share a group. */
const sharedFileMode = 0o660;

/**
 * Runs the engine of one shard: reads the plan file, has the engine write its output file, and
 * writes the done file. Throws OutriderError "request-invalid" or "scan-targets-invalid" for a plan
 * that cannot be used, "scan-engine-failed" for an engine that does not exist; then nothing was
 * started, and there is no done file. Null when `signal` ended the run, as at a restart of the
 * appliance: it has no done file either, so that the agent runs the shard again as the same try.
 */
export async function runShard(options: RunnerOptions): Promise<ShardDone | null> {
  const plan = await readPlan(options);
  const engine = engineNamed(options.engines, plan.engine);
  const files = shardFiles(options.jobFolder, options.shard, engine);
  await removeDurably(files.done);
  for (const file of [files.output, files.progress, files.waiting]) await rm(file, { force: true });
  const { targets, family } = targetsOf(plan);
  await writeDurably(files.targets, lines(targets), { mode: sharedFileMode });
  await writeDurably(files.exclusions, lines(exclusionsOf(plan, family)), { mode: sharedFileMode });
  const done = await runWhileCardLasts(engine, plan, family, files, options);
  if (options.signal.aborted) return null;
  await writeDurably(files.done, JSON.stringify(done), { mode: sharedFileMode });
  return done;
}

async function readPlan({ jobFolder, jobId, shard }: RunnerOptions): Promise<ShardPlan> {
  const refuse = (detail: Fact) => new OutriderError("request-invalid", { detail });
  const text = await readFile(planFile(jobFolder, shard));
  if (text.length > largestPlanBytes) throw refuse(fact("plan-large"));
  const parsed = validators.ShardPlan(JSON.parse(text.toString("utf8")));
  if (!parsed.valid) {
    const { path = "", message = "" } = parsed.violations[0] ?? {};
    throw refuse(fact("plan-invalid", { path, message }));
  }
  if (parsed.value.jobId !== jobId || parsed.value.shard !== shard)
    throw refuse(fact("plan-other"));
  return parsed.value;
}

/**
 * The targets as prefixes that this program wrote, never the texts of the plan. Throws
 * OutriderError "scan-targets-invalid".
 */
function targetsOf({ targets, exclusions }: ShardPlan): { targets: string[]; family: Family } {
  const refuse = (detail: Fact) => new OutriderError("scan-targets-invalid", { detail });
  try {
    const ranges = plannedRanges(targets, exclusions);
    const family = ranges[0]?.family;
    if (family === undefined) throw refuse(fact("targets-none"));
    if (ranges.some((range) => range.family !== family))
      throw refuse(fact("targets-both-families"));
    return { targets: [...prefixesOf(ranges)], family };
  } catch (error) {
    throw error instanceof RangeError ? refuse(quoted(error.message.slice(0, 400))) : error;
  }
}

/**
 * The targets are already without the exclusions. The engine gets the exclusions too, so that a
 * mistake here does not make it scan an excluded address. nmap reads exclusions of the family that
 * it scans only.
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

/** The engine runs again after each outage of its card; without a card to watch it runs once. */
async function runWhileCardLasts(
  engine: Engine,
  plan: ShardPlan,
  family: Family,
  files: ShardFiles,
  options: RunnerOptions,
): Promise<ShardDone> {
  const { clock, signal } = options;
  const card = plan.device === null ? null : options.cardOf(plan.device);
  if (card === null) return await runEngine(engine, plan, files, options);
  const startedAt = clock.nowMs();
  const note = new WaitNote(files.waiting);
  const { attempt, tryNumber } = plan;
  const { result, outages } = await runOverCard(
    {
      card,
      family,
      clock,
      signal,
      waitMs: (plan.cardWaitSeconds ?? defaultCardWaitSeconds) * 1000,
      told: (wait) => {
        options.waiting?.(card.name, wait?.kind ?? null);
        note.set(wait && { version: 1, attempt, tryNumber, card: card.name, ...wait });
      },
    },
    async (lost) => {
      // What an earlier run left does not count, and the file of its progress is never overwritten.
      await rm(files.output, { force: true });
      await rm(files.progress, { force: true });
      return await runEngine(engine, plan, files, {
        ...options,
        signal: AbortSignal.any([signal, lost]),
      });
    },
  );
  await note.end();
  if (result !== null) return { ...result, ...(outages.length > 0 && { outages }) };
  return {
    version: 1,
    attempt,
    tryNumber,
    exitCode: null,
    signal: null,
    startedAt,
    endedAt: Math.max(startedAt, clock.nowMs()),
    errorTail: "",
    outages,
    gaveUp: true,
  };
}

async function runEngine(
  engine: Engine,
  plan: ShardPlan,
  files: ShardFiles,
  { programOf, privileges, clock, signal }: RunnerOptions,
): Promise<ShardDone> {
  // nmap searches the home folder for its own files and scripts, so it gets an empty one.
  const home = await mkdtemp(join(tmpdir(), "outrider-scan-"));
  const startedAt = clock.nowMs();
  let errorTail = "";
  try {
    const program = programOf(engine);
    const { file, args } = commandLine(program.command, engine.arguments(plan, files, privileges));
    const child = execa(file, args, {
      extendEnv: false,
      env: {
        ...program.environment,
        HOME: home,
        PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
        LC_ALL: "C.UTF-8",
      },
      cwd: home,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      buffer: false,
      reject: false,
      timeout: plan.deadlineSeconds * 1000,
      forceKillAfterDelay: 5000,
      cancelSignal: signal,
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errorTail = (errorTail + text).slice(-errorTailLength);
    });
    const printed = keepProgress(child.stdout, files.progress, sharedFileMode, mostProgressBytes);
    const result = await child;
    await printed;
    return {
      version: 1,
      attempt: plan.attempt,
      tryNumber: plan.tryNumber,
      exitCode: result.exitCode ?? null,
      signal: result.signal ?? null,
      startedAt,
      endedAt: Math.max(startedAt, clock.nowMs()),
      errorTail: `${endNote(result, plan)}${errorTail}`.slice(0, 4000),
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

interface ProgramEnd {
  timedOut: boolean;
  exitCode?: number | undefined;
  signal?: string | undefined;
  shortMessage?: string | undefined;
}

/** Why the program ended, where its exit code and signal do not show it: before its own text. */
function endNote({ timedOut, exitCode, signal, shortMessage }: ProgramEnd, plan: ShardPlan) {
  if (timedOut)
    return `${withDetail(fact("engine-limit", { seconds: plan.deadlineSeconds })).detail}. `;
  // Neither a code nor a signal: the program could not be started.
  return exitCode === undefined && signal === undefined ? (shortMessage ?? "") : "";
}
