import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { projectFolder } from "../root/system-layer.ts";
import type { EventLog } from "../run/event-log.ts";
import { parseTapLine, TapCounter } from "./tap.ts";
import { TestFiles } from "./test-files.ts";
import { defaultStuckAfterMs, type Part } from "./test-parts.ts";

/** The time that a program has to end after SIGTERM; then it is killed. */
export const endingMs = 10_000;

/** Runs one part, prints what fails, and adds its results to `totals`. */
export async function runPart(
  part: Part,
  totals: TapCounter,
  log: Pick<EventLog, "write">,
  clock: Clock = systemClock,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  process.stdout.write(`${part.name} ...\n`);
  if (part.note !== undefined) process.stdout.write(`  ${part.note}\n`);
  const counter = new TapCounter();
  const files = new TestFiles(part.files ?? []);
  const child = spawn(part.program, part.args, {
    cwd: projectFolder,
    env: { ...process.env, ...part.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A continuous integration stops the run by its process id alone; the tests must end too.
  const stop = () => child.kill();
  process.once("exit", stop);
  const limits = new Limits(part, child, clock);
  const tail: string[] = [];
  let lastTitle = "";
  const read = async (stream: NodeJS.ReadableStream) => {
    for await (const line of createInterface({ input: stream })) {
      log.write(line);
      tail.push(line);
      if (tail.length > 60) tail.shift();
      const result = part.single ? null : parseTapLine(line);
      if (result === null) continue;
      limits.progress();
      lastTitle = result.title;
      files.seen(result.title);
      counter.count(result);
      if (result.outcome === "failed") process.stdout.write(`  FAILED  ${result.title}\n`);
    }
  };
  const output = Promise.all([read(child.stdout), read(child.stderr)]).catch(() => undefined);
  const exitCode = await limits.end(output);
  process.off("exit", stop);

  if (limits.reason !== null) {
    const last = lastTitle === "" ? "" : `; the last result was of: ${lastTitle}`;
    counter.fail(`${part.name} (ended: ${limits.reason}${last})`);
  } else if (part.single) {
    counter.count({ title: part.name, outcome: exitCode === 0 ? "passed" : "failed" });
  } else if (exitCode !== 0 && counter.failed === 0) {
    // A worker that died, or files that could not be loaded, end ava without a line of their own.
    counter.fail(`${part.name} (ended with ${exitCode})`);
  }
  for (const file of files.withoutResult) counter.fail(`${file} (not run)`);

  if (exitCode !== 0) process.stdout.write(`${tail.map((line) => `  | ${line}\n`).join("")}`);
  const seconds = Math.round((clock.monotonicMs() - startedMs) / 1000);
  process.stdout.write(
    `  ${counter.passed} passed, ${counter.failed} failed, ${counter.skipped.length} skipped (${seconds} s)\n`,
  );
  totals.add(counter);
}

/** Ends a program that makes no progress any more, or that has reached its caller's deadline. */
class Limits {
  /** Why the program was ended; null when it ended by itself. */
  reason: string | null = null;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #exit: Promise<number>;
  readonly #gaveUp = Promise.withResolvers<number>();
  readonly #ended = new AbortController();
  #progressMs: number;

  constructor(part: Part, child: ChildProcess, clock: Clock) {
    this.#child = child;
    this.#clock = clock;
    this.#progressMs = clock.monotonicMs();
    this.#exit = new Promise((resolve) => {
      child.once("error", () => resolve(-1));
      child.once("exit", (code) => resolve(code ?? -1));
    });
    const stuckAfterMs = part.stuckAfterMs ?? defaultStuckAfterMs;
    void this.#watchProgress(stuckAfterMs, part.single ? "it took" : "no test finished for");
    if (part.limitMs !== undefined && Number.isFinite(part.limitMs))
      void this.#watchDeadline(part.limitMs);
  }

  /** A test has finished. */
  progress(): void {
    this.#progressMs = this.#clock.monotonicMs();
  }

  /** Waits for the end of the program and its output; the exit code is -1 after a signal. */
  async end(output: Promise<unknown>): Promise<number> {
    const exitCode = await Promise.race([
      this.#exit.then(async (code) => {
        await output;
        return code;
      }),
      this.#gaveUp.promise,
    ]);
    this.#ended.abort();
    return exitCode;
  }

  async #watchProgress(stuckAfterMs: number, silence: string): Promise<void> {
    for (;;) {
      const leftMs = this.#progressMs + stuckAfterMs - this.#clock.monotonicMs();
      if (leftMs <= 0) break;
      if (!(await this.#sleep(leftMs))) return;
    }
    await this.#stop(`${silence} ${Math.round(stuckAfterMs / 60_000)} minutes`);
  }

  async #watchDeadline(limitMs: number): Promise<void> {
    if (await this.#sleep(limitMs)) await this.#stop("the time was up");
  }

  async #stop(reason: string): Promise<void> {
    if (this.reason !== null) return;
    this.reason = reason;
    this.#child.kill("SIGINT");
    if (!(await this.#sleep(endingMs))) return;
    this.#child.kill("SIGKILL");
    if (!(await this.#sleep(endingMs))) return;
    // A process that the program started can keep the pipes open after it, and a user cannot kill
    // the sudo that he started.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.unref();
    this.#gaveUp.resolve(-1);
  }

  /** False when the program has ended meanwhile. */
  async #sleep(durationMs: number): Promise<boolean> {
    try {
      await this.#clock.sleep(durationMs, this.#ended.signal);
      return true;
    } catch {
      return false;
    }
  }
}
