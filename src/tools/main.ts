import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { readCredential } from "../base/credential.ts";
import { onStopSignals } from "../base/stop-signals.ts";
import type { KnownAuthorities } from "../transport/uplink.ts";
import { runTool } from "./run-tool.ts";
import { type KnownPlatform, validators } from "./validators.ts";

/**
 * One tool of the operator, in a unit of its own: the task comes as JSON on standard input, the
 * answer goes as one line to standard output. SIGTERM ends it with what it has.
 */
const stop = new AbortController();
onStopSignals(["SIGTERM"], () => stop.abort());

const parsed = validators.ToolTask(JSON.parse(await text(process.stdin)));
if (!parsed.valid)
  throw new Error(`${parsed.violations[0]?.path} ${parsed.violations[0]?.message}`);
const task = parsed.value;
const known = await readPlatform(task.platformUrl);
const output = await runTool(
  task,
  {
    proxyPassword: await readCredential(process.env.CREDENTIALS_DIRECTORY, "proxy-password"),
    platformFor: (host) => authoritiesFor(host, known),
  },
  stop.signal,
);
process.stdout.write(`${JSON.stringify(output)}\n`);

async function credential(name: string): Promise<string | null> {
  const folder = process.env.CREDENTIALS_DIRECTORY;
  return folder === undefined ? null : readFile(join(folder, name), "utf8").catch(() => null);
}

/** What the agent got at its enrolment at this platform; null before, or when it cannot be read. */
async function readPlatform(platformUrl: string | null): Promise<KnownPlatform | null> {
  try {
    const read = validators.KnownPlatform(JSON.parse((await credential("platform")) ?? "null"));
    return read.valid && read.value.platformUrl === platformUrl ? read.value : null;
  } catch {
    return null;
  }
}

function authoritiesFor(host: string, platform: KnownPlatform | null): KnownAuthorities | null {
  if (platform === null) return null;
  const urls = [platform.platformUrl, ...Object.values(platform.configuration.directory.services)];
  const isOne = urls.some(
    (url) => URL.canParse(url) && new URL(url).hostname.replace(/^\[|\]$/g, "") === host,
  );
  return isOne ? { certificateAuthorities: platform.certificateAuthorities } : null;
}
