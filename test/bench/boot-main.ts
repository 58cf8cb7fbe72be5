import { join } from "node:path";
import { cacheFolder } from "../../image/cache/cache.ts";
import { EventLog } from "../../image/run/event-log.ts";
import { benchBoot } from "./boot.ts";

/** The program of `npm run bench:boot`; image/start/bootstrap.sh starts it once all is installed. */
const [command = "bench-boot", ...args] = process.argv.slice(2);

// The started processes must be stopped even when the terminal is gone.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const log = await EventLog.open(join(cacheFolder(), "log"), command);
process.exitCode = await benchBoot(args, log);
await log.close();
// Handles of stopped machines must not keep the process running.
process.exit();
