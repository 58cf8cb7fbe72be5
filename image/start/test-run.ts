import type { EventLog } from "../run/event-log.ts";
import { stopSignal } from "../run/stop-signals.ts";
import { runPart } from "./run-part.ts";
import { TapCounter } from "./tap.ts";
import { type Part, planParts } from "./test-parts.ts";

/**
 * `npm test [-- --unit] [--within=MINUTES] [FILE...]`: types, style and import rules, and every test
 * that needs no virtual machine. A part that makes no progress is ended; one that is merely slow is
 * not, unless the caller has a deadline (`--within`). The last line has the counts; planned tests
 * that did not run count as failed. Returns the exit code.
 */
export async function runTests(args: readonly string[], log: EventLog): Promise<number> {
  const chosen = args.filter((arg) => !arg.startsWith("--"));
  const deadlineMs = readDeadline(args);
  const signal = stopSignal();
  const parts = await planParts(chosen, args.includes("--unit"));
  const totals = new TapCounter();
  for (const part of parts) {
    const outcome = await Promise.race([runBefore(deadlineMs, part, totals, log), signal]);
    if (outcome !== undefined) return 130;
  }
  return printTotals(totals, log);
}

/** `--within=MINUTES` as a moment of `performance.now()`; infinite without it. */
export function readDeadline(args: readonly string[]): number {
  const minutes = args
    .map((arg) => /^--within=(-?\d+)$/.exec(arg)?.[1])
    .find((value) => value !== undefined);
  return minutes === undefined
    ? Number.POSITIVE_INFINITY
    : performance.now() + Number(minutes) * 60_000;
}

/** Runs a part in the time that is left; without any, all of it fails as not run. */
export async function runBefore(
  deadlineMs: number,
  part: Part,
  totals: TapCounter,
  log: Pick<EventLog, "write">,
): Promise<void> {
  const leftMs = deadlineMs - performance.now();
  if (leftMs > 0) {
    await runPart({ ...part, limitMs: leftMs }, totals, log);
    return;
  }
  process.stdout.write(`${part.name}: not run, the time was up\n`);
  for (const title of part.files ?? [part.name]) totals.fail(`${title} (not run)`);
}

/** Prints the run's last lines; returns its exit code. */
export function printTotals(totals: TapCounter, log: Pick<EventLog, "path">): number {
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
