import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../src/base/clock.ts";
import { journalLog, silentLog } from "../src/base/log.ts";
import { UnixConfigdClient } from "../src/configd/api/client.ts";
import { appliancePaths, applianceRoot } from "../src/configd/api/paths.ts";
import { runConsole } from "./app/run.ts";
import { type DryRun, startDryRun } from "./dry-run.ts";
import { type ConsoleOptions, parseConsoleOptions, usage } from "./options.ts";
import { lineInput } from "./plain/lines.ts";
import { runPlain } from "./plain/run.ts";
import type { ConsoleTerminal } from "./terminal/blessed-terminal.ts";
import { english, pseudoWords } from "./words/words.ts";

/** On an interactive terminal, standard error is the screen that the console paints. */
const log = process.stderr.isTTY ? silentLog : journalLog();
let terminal: ConsoleTerminal | null = null;
let dryRun: DryRun | null = null;
let machineOff = false;

/**
 * Runs one console on one terminal. On the appliance it never ends by itself; when it fails, it
 * restores the terminal and systemd restarts it.
 */
async function main(options: ConsoleOptions): Promise<void> {
  const stop = new AbortController();
  // `on`, not `once`: blessed exits at once on a signal without another listener.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => stop.abort());
  // Writing fails when the terminal has gone away.
  process.stdout.on("error", () => stop.abort());
  process.stderr.on("error", () => stop.abort());
  if (options.dryRunMachine !== null) {
    const onOff = () => {
      machineOff = true;
      stop.abort();
    };
    dryRun = await startDryRun(options.dryRunMachine, onOff);
  }
  const socket = dryRun?.consoleSocket ?? appliancePaths(applianceRoot()).consoleSocket;
  const engine = {
    client: new UnixConfigdClient(socket),
    words: options.pseudoLocale ? pseudoWords() : english,
    clock: systemClock,
    log,
    canLeave: options.canLeave,
    atMachine: options.atMachine,
    signal: stop.signal,
  };
  if (options.plain) {
    const write = (text: string) => process.stdout.write(text);
    await runPlain({ ...engine, input: lineInput(process.stdin, write), write });
    return;
  }
  const { openBlessedTerminal, repertoireOf } = await import("./terminal/blessed-terminal.ts");
  terminal = openBlessedTerminal({
    input: process.stdin,
    output: process.stdout,
    term: options.term,
    palette: options.palette,
  });
  await runConsole({
    ...engine,
    surface: terminal,
    quietPaintMs: repertoireOf(options.term) === "ascii-and-lines" ? 1000 : 200,
  });
}

async function end(exitCode: number): Promise<never> {
  terminal?.close();
  await dryRun?.stop().catch(() => undefined);
  // A real machine's screen is dark then.
  if (machineOff)
    process.stdout.write(
      "The described machine was shut down. Start the console again to switch it on; it begins anew.\n",
    );
  process.exit(exitCode);
}

let crashed = false;

/** Writes the stack trace to the journal, and only one line to the screen. */
function crash(error: unknown): void {
  // A failure while it ends, as writing to a terminal that has gone away, must not start the end
  // again.
  if (crashed) return;
  crashed = true;
  terminal?.close();
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (process.stderr.isTTY)
    process.stderr.write(
      `outrider console: ${error instanceof Error ? error.message : "it failed"}\n`,
    );
  else log.error("console crashed", { error: stack });
  void Promise.race([dryRun?.stop(), delay(3000)]).finally(() => process.exit(1));
}

process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);

let options: ConsoleOptions | null = null;
try {
  options = parseConsoleOptions(process.argv.slice(2), process.env);
} catch (error) {
  process.stderr.write(
    `outrider console: ${error instanceof Error ? error.message : ""}\n${usage}`,
  );
  process.exitCode = 2;
}
if (options !== null) {
  await main(options);
  await end(0);
}
