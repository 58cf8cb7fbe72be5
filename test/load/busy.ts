import { spawn } from "node:child_process";
import { join } from "node:path";
import { cacheFolder } from "../../image/cache/cache.ts";
import { EventLog } from "../../image/run/event-log.ts";
import { runPart } from "../../image/start/run-part.ts";
import { TapCounter } from "../../image/start/tap.ts";
import { planParts } from "../../image/start/test-parts.ts";
import { printTotals } from "../../image/start/test-run.ts";

/**
 * `npm run test:busy -- LOOPS [FILE...]`: the unit tests, or those in the files, while so many
 * processes keep the processors busy. Tests that depend on the machine's speed fail here first.
 */
const [loops = "", ...files] = process.argv.slice(2);
if (!/^\d+$/.test(loops)) {
  process.stderr.write("usage: npm run test:busy -- LOOPS [FILE...]\n");
  process.exit(2);
}

// A loop that never ends would outlive a parent that is killed.
const busy = `const parent = process.ppid;
  while (process.ppid === parent) for (let count = 0; count < 1e8; count++);`;
const children = Array.from({ length: Number(loops) }, () =>
  spawn(process.execPath, ["-e", busy], { stdio: "ignore" }),
);
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

const log = await EventLog.open(join(cacheFolder(), "log"), "busy");
const totals = new TapCounter();
for (const part of await planParts(files, true)) if (!part.single) await runPart(part, totals, log);
process.exitCode = printTotals(totals, log);
await log.close();
process.exit();
