import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { systemClock } from "../base/clock.ts";
import { journalLog } from "../base/log.ts";
import { ignoring } from "../base/missing-file.ts";
import { systemRandom } from "../base/random.ts";
import { onStopSignals } from "../base/stop-signals.ts";
import { softwareVersion } from "../base/version.ts";
import { UnixConfigdClient } from "../configd/api/client.ts";
import { inventoryOfThisMachine } from "./health/inventory.ts";
import { Agent } from "./start/agent.ts";
import { loadConfiguration } from "./start/configuration.ts";
import { agentPaths } from "./start/paths.ts";

/** The program of outrider-agent.service. */
const { OUTRIDER_ROOT = "", CREDENTIALS_DIRECTORY } = process.env;
const log = journalLog();
const version = await softwareVersion();

process.umask(0o007);
const stop = new AbortController();
onStopSignals(["SIGTERM", "SIGINT"], (signal) => stop.abort(new Error(signal)));
const paths = agentPaths(OUTRIDER_ROOT);
// Not SIGUSR1: until a program listens for it, Node opens its debugger at that signal, on a port.
let calledEarly = false;
let callNow = () => {
  calledEarly = true;
};
process.on("SIGUSR2", () => callNow());
try {
  const agent = new Agent({
    configuration: await loadConfiguration(paths.configuration, CREDENTIALS_DIRECTORY),
    paths,
    configd: new UnixConfigdClient(paths.socket),
    clock: systemClock,
    random: systemRandom,
    log,
    softwareVersion: version,
    inventory: inventoryOfThisMachine,
  });
  callNow = () => agent.callNow();
  if (calledEarly) callNow();
  watch(dirname(paths.socket), { persistent: false }, (_, name) => {
    if (name === basename(paths.socket)) agent.pushStatus();
  }).on("error", ignoring("configd gets the status later"));
  log.info("agent started", { version });
  await agent.run(stop.signal);
  log.info("agent ended");
} catch (error) {
  log.error("agent failed", {
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  process.exitCode = 1;
}
