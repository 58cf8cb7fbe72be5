import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { redact } from "../../base/redact.ts";
import { type BundleFiles, tar } from "../../base/tar.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import { bundlePartBytes, mostBundleParts } from "../../protocol/schemas/commands.ts";

export interface BundleParts {
  configd: ConfigdClient;
  softwareVersion: string;
  nowMs(): number;
  /** The agent's own state, written as JSON. */
  facts(): Promise<Record<string, unknown>>;
  /** Removed wherever they stand. */
  secrets: readonly string[];
}

const journalLines = 4000;
/** The end of each file that is kept: an engineer reads it. */
const longestFileBytes = 4 * 2 ** 20;

/**
 * A gzipped tar of status, checks and journal, from which an engineer can diagnose the appliance. It
 * has no secrets and no scan results. Throws OutriderError "too-large".
 */
export async function makeBundle(parts: BundleParts, signal: AbortSignal): Promise<Buffer> {
  const { configd, secrets } = parts;
  const files = new Map<string, string | Uint8Array>();
  const add = async (name: string, make: () => Promise<unknown>) => {
    const content = await make().catch((error: unknown) => {
      signal.throwIfAborted();
      return `could not be had: ${asOutriderError(error).message}`;
    });
    const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
    files.set(`outrider-support/${name}`, redact(text, secrets).slice(-longestFileBytes));
  };
  await add("about.json", async () => ({
    softwareVersion: parts.softwareVersion,
    madeAt: new Date(parts.nowMs()).toISOString(),
    node: process.version,
  }));
  await add("status.json", () => configd.call("status", {}, signal));
  await add("agent.json", parts.facts);
  await add("checks.json", async () => (await configd.call("doctor", {}, signal)).results);
  await add("firewall.txt", async () => (await configd.call("firewallText", {}, signal)).text);
  await add(
    "journal.txt",
    async () => (await configd.call("journal", { lines: journalLines }, signal)).text,
  );
  for (const [name, content] of await captured(configd, signal))
    files.set(`outrider-support/captures/${name}`, content);
  return packed(files, parts.nowMs());
}

/** configd's packet captures. They have no contents, so that there is nothing to redact. */
async function captured(
  configd: ConfigdClient,
  signal: AbortSignal,
): Promise<[string, string | Uint8Array][]> {
  const files: [string, string | Uint8Array][] = [];
  try {
    const { names, note } = await configd.call("captures", {}, signal);
    if (names.length > 0) files.push(["README.txt", note]);
    for (const name of names) {
      const { content } = await configd.call("capture", { name }, signal);
      files.push([name, Buffer.from(content, "base64")]);
    }
  } catch (error) {
    signal.throwIfAborted();
    files.push(["README.txt", `could not be had: ${asOutriderError(error).message}`]);
  }
  return files;
}

async function packed(files: BundleFiles, nowMs: number): Promise<Buffer> {
  const bundle = await promisify(gzip)(tar(files, nowMs));
  if (bundle.length > bundlePartBytes * mostBundleParts)
    throw new OutriderError("too-large", {
      detail: fact("bundle-bytes", { bytes: bundle.length }),
    });
  return bundle;
}

/**
 * Uploads a bundle in parts, each confirmed by a receipt. After a crash the bundle is made again,
 * and the platform keeps the newer parts. Throws OutriderError "service-unexpected" when a receipt
 * is for other content.
 */
export async function uploadBundle(
  bundle: Uint8Array,
  send: (number: number, content: Uint8Array) => Promise<{ sha256: string }>,
): Promise<{ partCount: number; sha256: string }> {
  const partCount = Math.ceil(bundle.length / bundlePartBytes);
  for (let number = 0; number < partCount; number++) {
    const content = bundle.subarray(number * bundlePartBytes, (number + 1) * bundlePartBytes);
    const { sha256 } = await send(number, content);
    if (sha256 !== sha256Of(content))
      throw new OutriderError("service-unexpected", {
        detail: fact("receipt-other-bundle", { number }),
      });
  }
  return { partCount, sha256: sha256Of(bundle) };
}

function sha256Of(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
