import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { redact } from "../../base/redact.ts";
import { tar } from "../../base/tar.ts";
import { assignRoles, renderNetplan } from "../../network/netplan.ts";
import { secretNames } from "../kept/secrets.ts";
import type { HandlerParts } from "./parts.ts";

const journalLines = 4000;
/** In characters of each file: people read a bundle. */
const longestFile = 4 * 2 ** 20;

/**
 * The support bundle as tar.gz: status, netplan file, checks and journal. It has no secrets and no
 * scan results. A part that cannot be read has the error's text in its place.
 */
export async function makeSupportBundle(
  { system, store, kept, clock }: HandlerParts,
  signal: AbortSignal,
): Promise<Buffer> {
  const secrets = (await Promise.all(secretNames.map((name) => kept.secrets.read(name)))).filter(
    (secret) => secret !== null,
  );
  const files = new Map<string, string>();
  const add = async (name: string, make: () => Promise<unknown>) => {
    const content = await make().catch(
      (error: unknown) =>
        `could not be had: ${error instanceof Error ? error.message : String(error)}`,
    );
    signal.throwIfAborted();
    const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
    files.set(`outrider-support/${name}`, redact(text, secrets).slice(-longestFile));
  };
  const { settings } = store.stored;
  await add("status.json", async () => store.read());
  await add("netplan.yaml", async () =>
    renderNetplan(settings, assignRoles(settings, await system.interfaces())),
  );
  await add("checks.json", () => system.runDoctor(signal));
  await add("journal.txt", () => system.journal(journalLines));
  return promisify(gzip)(tar(files, clock.nowMs()));
}
