import { systemClock } from "../base/clock.ts";
import { journalLog } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { onStopSignals } from "../base/stop-signals.ts";
import { softwareVersion } from "../base/version.ts";
import { estimateCommand } from "./estimate/command.ts";
import { keysCommand } from "./keys-command.ts";
import { type PlatformOptions, readOptions, UsageError, usage } from "./options.ts";
import { type RunningPlatform, startPlatform } from "./platform.ts";

const log = journalLog();

function optionsOrExit(): PlatformOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n${usage}\n`);
    process.exit(2);
  }
}

async function startOrExit(): Promise<RunningPlatform> {
  try {
    return await startPlatform(options, {
      clock: systemClock,
      random: systemRandom,
      log,
      version: await softwareVersion(),
    });
  } catch (error) {
    const remedy =
      "check that the address of --listen is free and the folder of --data can be written and has space";
    log.error("platform did not start", {
      error: error instanceof Error ? error.message : String(error),
      remedy,
    });
    process.exit(1);
  }
}

if (process.argv[2] === "scans") {
  const { exitCode, output, error } = estimateCommand(process.argv.slice(3));
  process.stdout.write(output);
  process.stderr.write(error);
  process.exit(exitCode);
}

if (process.argv[2] === "keys") {
  const { exitCode, output, error } = await keysCommand(process.argv.slice(3), systemClock.nowMs());
  process.stdout.write(output);
  process.stderr.write(error);
  process.exit(exitCode);
}

// Keys, database and socket are for this process's user only.
process.umask(0o077);
const options = optionsOrExit();
const stop = Promise.withResolvers<NodeJS.Signals>();
// Registered before the start, so that a signal during it also ends the platform cleanly.
onStopSignals(["SIGTERM", "SIGINT"], stop.resolve);

const platform = await startOrExit();
log.info("platform ready", { url: platform.url, port: platform.port, data: options.dataFolder });
const signal = await stop.promise;
await platform.close();
log.info("platform ended", { signal });
process.exit(0);
