import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import { journalLog } from "../../base/log.ts";
import { onStopSignals } from "../../base/stop-signals.ts";
import type { Engine } from "../engine.ts";
import { parseShardName, scanFolder } from "../files.ts";
import { type EngineProgram, type ProgramEnvironment, standInFor } from "../program.ts";
import { processHasRawNetwork } from "./capability.ts";
import { KernelCard } from "./card.ts";
import { type ProgramStart, runShard } from "./runner.ts";

/**
 * The process of the unit outrider-scan@NAME, from its start to its end. Logs how it ended and sets
 * the exit code: 1 when the shard could not be run, 2 when NAME is not JOB-SHARD. A failed engine
 * is no failure of the process; the shard's done file reports it.
 */
export async function runShardProcess(
  engines: readonly Engine[],
  name: string,
  environment: ProgramEnvironment,
): Promise<void> {
  const log = journalLog();
  // Agent and runner are different users that share a group: each must be able to read and replace
  // the other's files.
  process.umask(0o007);
  const stop = new AbortController();
  onStopSignals(["SIGTERM", "SIGINT"], (signal) => stop.abort(new Error(signal)));

  const shard = parseShardName(name);
  if (!shard) {
    log.error("not the name of a shard", { name });
    process.exitCode = 2;
    return;
  }
  try {
    const simulated = Boolean(environment.OUTRIDER_SIMULATED);
    const done = await runShard({
      ...shard,
      jobFolder: join(scanFolder(environment.OUTRIDER_ROOT ?? ""), shard.jobId),
      engines,
      programOf: (engine) => programOf(engine, environment),
      privileges: { raw: !simulated && (await processHasRawNetwork()) },
      cardOf: (device) => (simulated ? null : new KernelCard(device)),
      waiting: (card, kind) =>
        kind === null
          ? log.info("the scan's card is back", { name, card })
          : log.warning("the scan waits for its card", { name, card, kind }),
      clock: systemClock,
      signal: stop.signal,
    });
    if (done === null) log.info("shard stopped", { name });
    else log.info("shard ended", { name, exitCode: done.exitCode, signal: done.signal });
  } catch (error) {
    log.error("shard failed", {
      name,
      error: error instanceof Error ? error.message : String(error),
    });
    process.exitCode = 1;
  }
}

/** Only a stand-in gets the simulation's variables in its environment; a real engine does not. */
function programOf(engine: EngineProgram, environment: ProgramEnvironment): ProgramStart {
  const standIn = standInFor(engine, environment);
  if (standIn === null) return { command: engine.command, environment: {} };
  const described = Object.entries(environment).flatMap(([key, value]) =>
    key.startsWith("OUTRIDER_DESCRIBED_") && value !== undefined ? [[key, value] as const] : [],
  );
  return { command: standIn, environment: Object.fromEntries(described) };
}
