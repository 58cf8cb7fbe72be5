import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { journalLog } from "../base/log.ts";
import { processHasRawNetwork } from "./capability.ts";
import { parseShardName, scanFolder } from "./files.ts";
import { runShard } from "./runner.ts";

/** The program of the unit outrider-scan@JOB-SHARD: `main.ts JOB-SHARD`. */
const log = journalLog();
const name = process.argv[2] ?? "";
const { OUTRIDER_ROOT = "", OUTRIDER_NMAP, OUTRIDER_SIMULATED } = process.env;

// Agent and runner are different users that share a group: both must be able to read and replace
// what the other wrote.
process.umask(0o007);
const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => stop.abort(new Error(signal)));

const shard = parseShardName(name);
if (!shard) {
  log.error("not the name of a shard", { name });
  process.exitCode = 2;
} else {
  try {
    const simulated = OUTRIDER_SIMULATED !== undefined && OUTRIDER_SIMULATED !== "";
    const raw = !simulated && (await processHasRawNetwork());
    const environment = Object.fromEntries(
      Object.entries(process.env).flatMap(([key, value]) =>
        OUTRIDER_NMAP && key.startsWith("OUTRIDER_DESCRIBED_") && value !== undefined
          ? [[key, value]]
          : [],
      ),
    );
    const { exitCode, signal } = await runShard({
      ...shard,
      jobFolder: join(scanFolder(OUTRIDER_ROOT), shard.jobId),
      engine: OUTRIDER_NMAP || "nmap",
      raw,
      environment,
      clock: systemClock,
      signal: stop.signal,
    });
    log.info("shard ended", { name, exitCode, signal });
  } catch (error) {
    log.error("shard failed", {
      name,
      error: error instanceof Error ? error.message : String(error),
    });
    process.exitCode = 1;
  }
}
