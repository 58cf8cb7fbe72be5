import { systemClock } from "../base/clock.ts";
import { journalLog } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { onStopSignals } from "../base/stop-signals.ts";
import { softwareVersion } from "../base/version.ts";
import { appliancePaths, applianceRoot } from "./api/paths.ts";
import { boot } from "./boot.ts";
import { startConfigd } from "./daemon.ts";
import { applianceOwners } from "./machine/file-owners.ts";
import { RealSystem } from "./machine/real-system.ts";
import { volumesProgram } from "./machine/volumes.ts";
import { revertByTimer } from "./trial/revert.ts";
import { collectZeroTouch } from "./zero-touch/collect.ts";
import { machinePlaces } from "./zero-touch/places.ts";

const paths = appliancePaths(applianceRoot());
const log = journalLog();
const parts = {
  system: new RealSystem(paths, log),
  paths,
  owners: applianceOwners(),
  clock: systemClock,
  random: systemRandom,
  log,
};

/**
 * `main.ts` is the daemon, `main.ts boot` renders the files before the network comes up,
 * `main.ts revert ID` is the reverter, `main.ts collect` the collector of zero-touch documents, and
 * `main.ts volumes ...` reads and writes volumes.
 */
async function main([verb, id, ...rest]: readonly string[]): Promise<void> {
  if (verb === "boot") return boot(parts);
  if (verb === "collect") {
    const credentials = process.env.CREDENTIALS_DIRECTORY ?? machinePlaces.credentials;
    await collectZeroTouch(paths.zeroTouch.collected, { ...machinePlaces, credentials }, parts.log);
    return;
  }
  if (verb === "volumes") return volumesProgram([id ?? "", ...rest]);
  if (verb === "revert" && id !== undefined) return revertByTimer(id, parts);
  if (verb !== undefined) throw new Error(`there is no verb ${verb}`);
  const configd = await startConfigd({ ...parts, version: await softwareVersion() });
  const end = async () => {
    await configd.close();
    process.exit(0);
  };
  onStopSignals(["SIGTERM", "SIGINT"], () => void end());
}

main(process.argv.slice(2)).catch((error: unknown) => {
  parts.log.error("configd failed", {
    error: error instanceof Error ? error.stack : String(error),
  });
  process.exitCode = 1;
});
