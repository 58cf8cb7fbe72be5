import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../base/clock.ts";
import { readCredential } from "../base/credential.ts";
import { systemRandom } from "../base/random.ts";
import { appliancePaths, applianceRoot } from "../configd/api/paths.ts";
import { liveInterfaces } from "../network/live.ts";
import type { AgentConfiguration } from "../settings/agent-configuration.ts";
import { HttpTransport } from "../transport/http-transport.ts";
import { systemResolve } from "../transport/stages/resolve.ts";
import { candidateNames, parseResolverFile } from "../transport/stages/resolver-files.ts";
import { Uplink } from "../transport/uplink.ts";
import { isOnLink } from "./ask/on-link.ts";
import { askDns, neighbourAnswers } from "./machine.ts";
import { realMachine } from "./own-machine.ts";
import type { KnownIdle } from "./path/known-idle.ts";
import type { KnownPlatform } from "./path/known-platform.ts";
import type { Surroundings } from "./path/surroundings.ts";
import type { Side } from "./run-checks.ts";
import { runDoctor } from "./run-doctor.ts";
import { readTyped } from "./typed/read-typed.ts";
import { validators } from "./validators.ts";

/** More than the time limits of all checks together. */
const wholeRunMs = 60_000;
const resolveLimitMs = 5000;

const paths = appliancePaths(applianceRoot());
const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    side: { type: "string" },
    // The settings to test come from the standard input.
    typed: { type: "boolean" },
  },
});
const only = options.only ?? null;
const side = sideOf(options.side);
const credentials = process.env.CREDENTIALS_DIRECTORY;
const typed = options.typed === true ? await readTyped(process.stdin) : null;
const configuration = typed?.configuration ?? (await readConfiguration(configurationFile()));
const known = await readPlatform(join(paths.data, "identity/identity.json"));
const platform = known?.platformUrl === configuration.platformUrl ? known : null;
const proxyPassword = typed
  ? typed.proxyPassword
  : await readCredential(credentials, "proxy-password");
const uplinkParts = { clock: systemClock, random: systemRandom };
const uplink = new Uplink(configuration, proxyPassword, uplinkParts);
const surroundings: Surroundings = {
  configuration,
  platform,
  idle: typed === null ? await readIdle(join(paths.data, "identity/idle-connections.json")) : [],
  machine: realMachine(paths.data),
  interfaces: liveInterfaces,
  neighbourAnswers,
  askDns: async (server, name, signal) => {
    const names = name === null ? [] : candidateNames(name, await searchDomains());
    return askDns(server, names, signal);
  },
  resolve: (name, signal) =>
    systemResolve()(name, AbortSignal.any([signal, AbortSignal.timeout(resolveLimitMs)])),
  transport: (observe, hello, to = "platform") => {
    if (to !== "platform") {
      const parts = { ...uplinkParts, hellos: { [to]: hello } };
      return new Uplink(configuration, proxyPassword, parts).transport(platform, observe);
    }
    const trust = { ...uplink.trust(platform), hello };
    return new HttpTransport({ ...uplink.path(platform), trust }, observe);
  },
  nowMs: systemClock.nowMs,
  monotonicMs: systemClock.monotonicMs,
};
const limit = AbortSignal.timeout(wholeRunMs);
for await (const result of runDoctor(surroundings, limit, { only, side, typed, isTaken: isOnLink }))
  process.stdout.write(`${JSON.stringify(result)}\n`);

/** The scan's user may not read the agent's configuration, and gets it as a credential. */
function configurationFile(): string {
  return side === "scan" && credentials !== undefined
    ? join(credentials, "agent.json")
    : paths.agentConfiguration;
}

/** The agent tries a name in these domains as well. */
async function searchDomains(): Promise<string[]> {
  return parseResolverFile(await readFile("/etc/resolv.conf", "utf8").catch(() => "")).search;
}

function sideOf(text: string | undefined): Side {
  if (text === undefined) return "both";
  if (text === "scan" || text === "home") return text;
  throw new Error(`there is no side ${JSON.stringify(text)}`);
}

async function readConfiguration(file: string): Promise<AgentConfiguration> {
  const parsed = validators.AgentConfiguration(JSON.parse(await readFile(file, "utf8")));
  if (!parsed.valid)
    throw new Error(`${file}: ${parsed.violations[0]?.path} ${parsed.violations[0]?.message}`);
  return parsed.value;
}

/** What the agent saved at its enrolment; null before, or when it cannot be read. */
async function readPlatform(file: string): Promise<KnownPlatform | null> {
  try {
    const parsed = validators.KnownPlatform(JSON.parse(await readFile(file, "utf8")));
    return parsed.valid ? parsed.value : null;
  } catch {
    return null;
  }
}

/** What the agent learnt by the active settings; empty where it has kept nothing. */
async function readIdle(file: string): Promise<KnownIdle> {
  try {
    const parsed = validators.KnownIdle(JSON.parse(await readFile(file, "utf8")));
    return parsed.valid ? parsed.value : [];
  } catch {
    return [];
  }
}
