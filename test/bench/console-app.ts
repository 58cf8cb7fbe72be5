import { runConsole } from "../../console/app/run.ts";
import { openBlessedTerminal } from "../../console/terminal/blessed-terminal.ts";
import { paletteFor } from "../../console/terminal/palette.ts";
import { english } from "../../console/words/words.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { ScriptedConfigd } from "../console/client-fake.ts";

/**
 * The console on this process's own terminal, with configd in the same process, so that only the
 * console is measured.
 */
const term = process.env.TERM ?? "linux";
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
process.on("SIGHUP", () => stop.abort());
const terminal = openBlessedTerminal({
  input: process.stdin,
  output: process.stdout,
  term,
  palette: paletteFor(term, undefined),
});
await runConsole({
  client: await ScriptedConfigd.of("scanning"),
  surface: terminal,
  words: english,
  clock: systemClock,
  log: silentLog,
  canLeave: true,
  quietPaintMs: 200,
  signal: stop.signal,
});
terminal.close();
process.exit(0);
