import { type Key, Metadata, Root, Snapshot, Targets, Timestamp } from "@tufjs/models";
import type { Clock } from "../../base/clock.ts";
import { type KeyFolder, type Role, roles } from "./keys.ts";
import type { CurrentMetadata, MetadataFiles } from "./metadata-files.ts";

export const specification = "1.0.33";
const dayMs = 86_400_000;
/**
 * How long a signature is good. The timestamp's is the longest time that an attacker can keep an
 * appliance from newer lists without being noticed (TUF specification 1.5.2, freeze attacks).
 */
export const lifetimesMs: Record<Role, number> = {
  root: 730 * dayMs,
  targets: 365 * dayMs,
  snapshot: 30 * dayMs,
  timestamp: 3 * dayMs,
};

/** Makes the keys and signs an empty list: the metadata of a platform that published nothing. */
export async function firstMetadata(
  files: MetadataFiles,
  keys: KeyFolder,
  clock: Clock,
): Promise<CurrentMetadata> {
  const made = {
    root: await keys.make("root"),
    targets: await keys.make("targets"),
    snapshot: await keys.make("snapshot"),
    timestamp: await keys.make("timestamp"),
  };
  const keyOf = (role: Role) => made[role].keyID;
  const root = rootMetadata(
    1,
    expiry("root", clock),
    Object.fromEntries(roles.map((role) => [keyOf(role), made[role]])),
    keyOf,
  );
  await keys.sign(root, "root", keyOf("root"));
  const targets = new Metadata(
    new Targets({
      version: 1,
      specVersion: specification,
      expires: expiry("targets", clock),
      targets: {},
    }),
  );
  await keys.sign(targets, "targets", keyOf("targets"));
  const meta = { "targets.json": await files.write("targets", targets) };
  const snapshot = new Metadata(
    new Snapshot({
      version: 1,
      specVersion: specification,
      expires: expiry("snapshot", clock),
      meta,
    }),
  );
  await keys.sign(snapshot, "snapshot", keyOf("snapshot"));
  const snapshotMeta = await files.write("snapshot", snapshot);
  const timestamp = new Metadata(
    new Timestamp({
      version: 1,
      specVersion: specification,
      expires: expiry("timestamp", clock),
      snapshotMeta,
    }),
  );
  await keys.sign(timestamp, "timestamp", keyOf("timestamp"));
  await files.write("root", root);
  // Written last: without it, the next start makes everything again.
  await files.write("timestamp", timestamp);
  return { root, targets, snapshot, timestamp };
}

export function rootMetadata(
  version: number,
  expires: string,
  keys: Record<string, Key>,
  keyOf: (role: Role) => string,
): Metadata<Root> {
  const root = new Root({ version, specVersion: specification, expires, consistentSnapshot: true });
  for (const role of roles) {
    const key = keys[keyOf(role)];
    if (key) root.addKey(key, role);
  }
  return new Metadata(root);
}

export function expiry(role: Role, clock: Clock): string {
  // TUF specification 4.2: a time has no fractions of seconds.
  return new Date(clock.nowMs() + lifetimesMs[role]).toISOString().replace(/\.\d{3}Z$/, "Z");
}
