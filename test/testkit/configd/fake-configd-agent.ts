import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Agent } from "../../../src/agent/start/agent.ts";
import { loadConfiguration } from "../../../src/agent/start/configuration.ts";
import { agentPaths } from "../../../src/agent/start/paths.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { journalLog } from "../../../src/base/log.ts";
import { systemRandom } from "../../../src/base/random.ts";
import { patientLimits } from "../proxies/patient-limits.ts";
import { FakeConfigd } from "./fake-configd.ts";

/**
 * The real agent in a process of its own over a fake configd, for tests that kill it.
 * ROOT/status.json has its last status.
 */
const root = process.env.OUTRIDER_ROOT ?? "";
const paths = agentPaths(root);
const described = Object.entries(process.env).flatMap(([name, value]) =>
  name.startsWith("OUTRIDER_") && value !== undefined ? [[name, value]] : [],
);
const configd = new FakeConfigd({
  folder: join(root, "units"),
  environment: Object.fromEntries(described),
  onStatus: (status) => {
    writeFileSync(join(root, "status.tmp"), JSON.stringify(status));
    renameSync(join(root, "status.tmp"), join(root, "status.json"));
  },
});
process.umask(0o007);
const aheadMs = Number(process.env.TEST_CLOCK_AHEAD_MS ?? 0);
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort(new Error("SIGTERM")));
const agent = new Agent({
  configuration: await loadConfiguration(paths.configuration, process.env.CREDENTIALS_DIRECTORY),
  paths,
  configd,
  clock: { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs },
  random: systemRandom,
  log: journalLog(),
  softwareVersion: "0.0.0-test",
  inventory: async () => null,
  path: { limits: patientLimits },
});
process.on("SIGUSR2", () => agent.callNow());
// A machine that has just booted would wait before its first call.
agent.callNow();
await agent.run(stop.signal);
