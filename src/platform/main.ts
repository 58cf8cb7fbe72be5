import { systemClock } from "../base/clock.ts";
import { journalLog } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { softwareVersion } from "../base/version.ts";
import { type PlatformOptions, readOptions, UsageError, usage } from "./options.ts";
import { startPlatform } from "./platform.ts";

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

// Keys, database and socket are for this process's user only.
process.umask(0o077);
const options = optionsOrExit();
const stop = Promise.withResolvers<NodeJS.Signals>();
// Registered before anything is started, so that a signal in between ends it cleanly as well.
process.once("SIGTERM", stop.resolve);
process.once("SIGINT", stop.resolve);

const platform = await startPlatform(options, { clock: systemClock, random: systemRandom, log, version: await softwareVersion() });
log.info("platform ready", { url: platform.url, port: platform.port, data: options.dataFolder });
const signal = await stop.promise;
await platform.close();
log.info("platform ended", { signal });
process.exit(0);
