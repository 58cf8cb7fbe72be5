import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../base/clock.ts";
import { journalLog } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { onStopSignals } from "../base/stop-signals.ts";
import { softwareVersion } from "../base/version.ts";
import { appliancePaths } from "../configd/api/paths.ts";
import { type RunningConfigd, startConfigd } from "../configd/daemon.ts";
import { SavedSettings } from "../configd/kept/saved-settings.ts";
import { makeFolders } from "../configd/machine/folders.ts";
import { agentUnit } from "../configd/machine/units.ts";
import { revertByTimer } from "../configd/trial/revert.ts";
import { asItIsNow } from "./after-reset.ts";
import { followDescribedAgent } from "./agent.ts";
import { loadDescribedMachine } from "./described-machine.ts";
import { SimulatedSystem } from "./system.ts";

/**
 * configd over a described machine, as a plain process: `main.ts --machine NAME [--root DIR]`.
 * Prints one line of JSON on standard output: {"root": ..., "consoleSocket": ...} when it is ready,
 * {"error": ...} when it cannot start. Without --root it makes a folder of its own and removes it
 * at the end. With --owned it ends when its standard input does, and removes the folder in any
 * case, so that nothing stays behind when the process that started it is killed. Exit code 75 means
 * that the machine restarts.
 */
const { values } = parseArgs({
  options: {
    machine: { type: "string", default: "one-nic" },
    root: { type: "string" },
    owned: { type: "boolean", default: false },
    revert: { type: "string" },
    /** File with the milliseconds to wait before reverting. */
    after: { type: "string" },
  },
});

const restartCode = 75;
const log = journalLog();
const described = await loadDescribedMachine(values.machine).catch((error: unknown) => {
  process.stdout.write(
    `${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`,
  );
  process.exit(1);
});
const root = values.root ?? (await mkdtemp(join(tmpdir(), "outrider-simulated-")));
await mkdir(root, { recursive: true });
const paths = appliancePaths(root);
const machine = await asItIsNow(described, paths, root);
const over = new AbortController();
const system = new SimulatedSystem({
  machine,
  paths,
  root,
  log,
  onPower: (action) => void end(action === "reboot" ? restartCode : 0),
});
const parts = { system, paths, owners: null, clock: systemClock, random: systemRandom, log };
let configd: RunningConfigd | null = null;
let ending = false;

/** Ends the whole machine, its units too. */
async function end(exitCode: number): Promise<void> {
  if (ending) return;
  ending = true;
  over.abort();
  await configd?.close();
  await system.close();
  if (exitCode === restartCode) await rm(join(root, "run"), { recursive: true, force: true });
  else if (values.owned || values.root === undefined)
    await rm(root, { recursive: true, force: true });
  process.exit(exitCode);
}

async function keepDescribedSettings(): Promise<void> {
  const kept = new SavedSettings(paths, system);
  const written = await readFile(paths.settings.file, "utf8").catch(() => null);
  if (machine.settings === undefined || written !== null) return;
  await makeFolders(paths, null);
  await kept.save(
    machine.settings,
    machine.secrets ? { "proxy-password": machine.secrets.proxyPassword } : {},
    { how: "by-hand", who: "", why: "described" },
  );
}

async function main(): Promise<void> {
  if (values.revert !== undefined) {
    const delayMs = values.after === undefined ? 0 : Number(await readFile(values.after, "utf8"));
    await systemClock.sleep(delayMs);
    return revertByTimer(values.revert, parts);
  }
  onStopSignals(["SIGTERM", "SIGINT"], () => void end(0));
  if (values.owned) {
    process.stdin.once("end", () => void end(0));
    process.stdin.resume();
  }
  await keepDescribedSettings();
  configd = await startConfigd({ ...parts, version: await softwareVersion() });
  await system.startUnit(agentUnit);
  if (machine.agent !== undefined)
    void followDescribedAgent(machine, paths.agentSocket, systemClock, over.signal);
  process.stdout.write(`${JSON.stringify({ root, consoleSocket: paths.consoleSocket })}\n`);
}

main().catch((error: unknown) => {
  log.error("simulated configd failed", {
    error: error instanceof Error ? error.stack : String(error),
  });
  process.exitCode = 1;
});
