import type { TargetFile } from "@tufjs/models";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { MetadataStore } from "./metadata-store.ts";
import { TrustedMetadata } from "./trusted-metadata.ts";

/** Gives a file of the repository, at most so long; null when there is none of that name. */
export type FetchMetadata = (name: string, longestBytes: number) => Promise<Uint8Array | null>;

/** What a file may be long before anything signed says how long it is. */
const longestBytes = {
  root: 512_000,
  timestamp: 16_384,
  snapshot: 65_536,
  targets: 2_000_000,
} as const;
/** A platform that rotates its root monthly, and an appliance that was away for years. */
const mostRotations = 64;

/**
 * One walk through the repository's metadata (TUF specification, section 5.3 to 5.6): every step is
 * verified before it is kept, and what is kept is there after a power cut. Gives what is signed
 * now; throws, with what was known left as it is.
 */
export async function walkMetadata(
  store: MetadataStore,
  fetch: FetchMetadata,
  nowMs: number,
): Promise<TargetFile[]> {
  const trusted = new TrustedMetadata(await store.trustedRoot(), nowMs);

  for (let rotation = 0; rotation < mostRotations; rotation++) {
    // 5.3.3: one after the other, until there is none.
    const bytes = await fetch(`${trusted.rootVersion + 1}.root.json`, longestBytes.root);
    if (bytes === null) break;
    trusted.updateRoot(bytes);
    // 5.3.8
    await store.write("root", bytes);
  }
  trusted.endRoots();

  const knownTimestamp = await store.read("timestamp");
  if (knownTimestamp && !trusted.useKnownTimestamp(knownTimestamp)) await store.remove("timestamp");
  // 5.4.1
  const timestamp = required(
    await fetch("timestamp.json", longestBytes.timestamp),
    "timestamp.json",
  );
  // 5.4.5
  if (trusted.updateTimestamp(timestamp)) await store.write("timestamp", timestamp);

  const knownSnapshot = await store.read("snapshot");
  if (knownSnapshot) trusted.useKnownSnapshot(knownSnapshot);
  if (!knownSnapshot || !accepted(() => trusted.updateSnapshot(knownSnapshot))) {
    // 5.5.1
    const { version, length } = trusted.snapshotWanted;
    const name = `${version}.snapshot.json`;
    const snapshot = required(
      await fetch(name, Math.min(length ?? longestBytes.snapshot, longestBytes.snapshot)),
      name,
    );
    trusted.updateSnapshot(snapshot);
    // 5.5.7
    await store.write("snapshot", snapshot);
  }

  const knownTargets = await store.read("targets");
  let targets: TargetFile[] = [];
  const takeKnown = () => {
    if (knownTargets) targets = trusted.updateTargets(knownTargets);
  };
  if (knownTargets && accepted(takeKnown)) return targets;
  // 5.6.1
  const { version, length } = trusted.targetsWanted;
  const name = `${version}.targets.json`;
  const bytes = required(
    await fetch(name, Math.min(length ?? longestBytes.targets, longestBytes.targets)),
    name,
  );
  targets = trusted.updateTargets(bytes);
  // 5.6.6
  await store.write("targets", bytes);
  return targets;
}

/**
 * Whether what the last walk kept is what is wanted now; anything wrong with it only means that it
 * is fetched.
 */
function accepted(take: () => void): boolean {
  try {
    take();
    return true;
  } catch {
    return false;
  }
}

function required(bytes: Uint8Array | null, name: string): Uint8Array {
  if (bytes === null)
    throw new OutriderError("update-mixed", { detail: fact("role-missing", { role: name }) });
  return bytes;
}
