import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { redact } from "../../base/redact.ts";
import { tar } from "../../base/tar.ts";
import { assignRoles, renderNetplan } from "../../network/netplan.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { Captures, capturesNote } from "../kept/captures.ts";
import { secretNames } from "../kept/secrets.ts";
import { firewallText } from "./firewall-text.ts";
import type { HandlerParts } from "./parts.ts";

const journalLines = 4000;
/** In characters of each file: people read a bundle. */
const longestFile = 4 * 2 ** 20;

/**
 * The support bundle as tar.gz: status, netplan file, checks and journal. It has no secrets and no
 * scan results. A part that cannot be read has the error's text in its place.
 */
export async function makeSupportBundle(
  { system, paths, store, kept, ledger, clock }: HandlerParts,
  signal: AbortSignal,
): Promise<Buffer> {
  const secrets = (
    await Promise.all(
      // One that cannot be read stands nowhere in the bundle either.
      secretNames.map((name) => kept.secrets.read(name).catch(() => null)),
    )
  ).filter((secret) => secret !== null);
  const files = new Map<string, string | Uint8Array>();
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
  await add("firewall.txt", () => firewallText({ store, ledger }));
  await add("journal.txt", () => system.journal(journalLines));
  for (const [name, content] of await captured(paths))
    files.set(`outrider-support/captures/${name}`, content);
  return promisify(gzip)(tar(files, clock.nowMs()));
}

/** The packet captures, with a note of what they lack. Nothing in them is to be redacted. */
async function captured(paths: AppliancePaths): Promise<[string, string | Uint8Array][]> {
  const captures = new Captures(paths.captures);
  const names = await captures.names();
  if (names.length === 0) return [];
  const contents = names.map(
    async (name): Promise<[string, Uint8Array]> => [name, await captures.read(name)],
  );
  return [["README.txt", capturesNote], ...(await Promise.all(contents))];
}
