import type { TargetFile } from "@tufjs/models";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { MetadataStore } from "./metadata-store.ts";
import { TrustedMetadata } from "./trusted-metadata.ts";

/** Fetches a file of the repository; null when it does not exist. */
export type FetchMetadata = (name: string, longestBytes: number) => Promise<Uint8Array | null>;

/** The limits, in bytes, for files whose length is not known from signed metadata. */
const longestBytes = {
  root: 512_000,
  timestamp: 16_384,
  snapshot: 65_536,
  targets: 2_000_000,
} as const;
/** Enough for a root that is rotated monthly and an appliance that was off for five years. */
const mostRotations = 64;

/**
 * One walk through the repository's metadata (TUF 5.3 to 5.6). Each file is verified before it is
 * stored durably. Returns the targets that are signed now. Throws OutriderError "update-no-root",
 * or the errors of TrustedMetadata and of `fetch`; the files stored until then stay.
 */
export async function walkMetadata(
  store: MetadataStore,
  fetch: FetchMetadata,
  nowMs: number,
): Promise<TargetFile[]> {
  const trusted = new TrustedMetadata(await store.trustedRoot(), nowMs);

  for (let rotation = 0; rotation < mostRotations; rotation++) {
    // TUF 5.3.3: try downloading version N+1 of the root metadata file.
    const bytes = await fetch(`${trusted.rootVersion + 1}.root.json`, longestBytes.root);
    if (bytes === null) break;
    trusted.updateRoot(bytes);
    // TUF 5.3.8: persist root metadata.
    await store.write("root", bytes);
  }
  trusted.endRoots();

  const knownTimestamp = await store.read("timestamp");
  if (knownTimestamp && !trusted.useKnownTimestamp(knownTimestamp)) await store.remove("timestamp");
  // TUF 5.4.1: download the timestamp metadata file.
  const timestamp = required(
    await fetch("timestamp.json", longestBytes.timestamp),
    "timestamp.json",
  );
  // TUF 5.4.5: persist timestamp metadata.
  if (trusted.updateTimestamp(timestamp)) await store.write("timestamp", timestamp);

  const knownSnapshot = await store.read("snapshot");
  if (knownSnapshot) trusted.useKnownSnapshot(knownSnapshot);
  if (!knownSnapshot || !accepted(() => trusted.updateSnapshot(knownSnapshot))) {
    // TUF 5.5.1: download the snapshot metadata file.
    const { version, length } = trusted.snapshotWanted;
    const name = `${version}.snapshot.json`;
    const snapshot = required(
      await fetch(name, Math.min(length ?? longestBytes.snapshot, longestBytes.snapshot)),
      name,
    );
    trusted.updateSnapshot(snapshot);
    // TUF 5.5.7: persist snapshot metadata.
    await store.write("snapshot", snapshot);
  }

  const knownTargets = await store.read("targets");
  let targets: TargetFile[] = [];
  const takeKnown = () => {
    if (knownTargets) targets = trusted.updateTargets(knownTargets);
  };
  if (knownTargets && accepted(takeKnown)) return targets;
  // TUF 5.6.1: download the top-level targets metadata file.
  const { version, length } = trusted.targetsWanted;
  const name = `${version}.targets.json`;
  const bytes = required(
    await fetch(name, Math.min(length ?? longestBytes.targets, longestBytes.targets)),
    name,
  );
  targets = trusted.updateTargets(bytes);
  // TUF 5.6.6: persist targets metadata.
  await store.write("targets", bytes);
  return targets;
}

/** Whether a file of the last walk is still the signed one; otherwise it is fetched. */
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
