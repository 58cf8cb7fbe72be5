import {
  Metadata,
  MetadataKind,
  type Root,
  type Snapshot,
  type TargetFile,
  type Targets,
  type Timestamp,
} from "@tufjs/models";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";

type Content = Parameters<typeof Metadata.fromJSON>[1];
type Any = Metadata<Root> | Metadata<Timestamp> | Metadata<Snapshot> | Metadata<Targets>;

/**
 * The metadata of a TUF repository that one walk has verified so far. Steps are numbered and named
 * as in the TUF specification 1.0.33, section 5. The class reads no clock and no disk: TUF 5.1
 * fixes the time at the start of the walk, and it is the platform's, since the appliance's clock
 * may be wrong.
 *
 * Metadata that does not verify throws OutriderError "update-not-trusted", "update-rolled-back",
 * "update-mixed" or "update-expired".
 */
export class TrustedMetadata {
  readonly #now: Date;
  #root: Metadata<Root>;
  #timestamp: Metadata<Timestamp> | null = null;
  #snapshot: Metadata<Snapshot> | null = null;

  /** TUF 5.2: load the trusted root metadata; it may have expired. */
  constructor(root: Uint8Array, nowMs: number) {
    this.#now = new Date(nowMs);
    this.#root = Metadata.fromJSON(MetadataKind.Root, parse(root, "root"));
    requireSigned(this.#root, "root", this.#root);
  }

  get rootVersion(): number {
    return this.#root.signed.version;
  }

  /** TUF 5.3.4 to 5.3.7: check a new root and trust it. */
  updateRoot(bytes: Uint8Array): void {
    const next = read(() => Metadata.fromJSON(MetadataKind.Root, parse(bytes, "root")), "root");
    // TUF 5.3.4: check for an arbitrary software attack. The old root's keys and its own signed it.
    requireSigned(this.#root, "root", next);
    requireSigned(next, "root", next);
    // TUF 5.3.5: check for a rollback attack.
    const expected = this.rootVersion + 1;
    if (next.signed.version !== expected)
      throw rolledBack(
        fact("role-version", { role: "root", version: next.signed.version, expected }),
      );
    this.#root = next;
  }

  /** TUF 5.3.10: check for a freeze attack, once there is no newer root. */
  endRoots(): void {
    if (this.#root.signed.isExpired(this.#now)) throw expired("root", this.#root.signed.expires);
  }

  /**
   * Takes the timestamp of the last walk to compare versions with; false when it does not verify.
   * TUF 5.3.11: once its keys were rotated it does not, and is deleted. This recovers from an
   * attacker who had the old keys and set the versions too high.
   */
  useKnownTimestamp(bytes: Uint8Array): boolean {
    try {
      const known = Metadata.fromJSON(MetadataKind.Timestamp, parse(bytes, "timestamp"));
      this.#root.verifyDelegate("timestamp", known);
      this.#timestamp = known;
      return true;
    } catch {
      return false;
    }
  }

  /** TUF 5.4.2 to 5.4.4: check the timestamp; false when it is the one that is known. */
  updateTimestamp(bytes: Uint8Array): boolean {
    const next = read(
      () => Metadata.fromJSON(MetadataKind.Timestamp, parse(bytes, "timestamp")),
      "timestamp",
    );
    // TUF 5.4.2: check for an arbitrary software attack.
    requireSigned(this.#root, "timestamp", next);
    const known = this.#timestamp;
    if (known) {
      // TUF 5.4.3.1 and 5.4.3.2: check for a rollback attack.
      if (next.signed.version < known.signed.version)
        throw older("timestamp", next.signed.version, known.signed.version);
      const { version } = known.signed.snapshotMeta;
      if (next.signed.snapshotMeta.version < version)
        throw older("snapshot", next.signed.snapshotMeta.version, version);
    }
    const newer = next.signed.version !== known?.signed.version;
    if (newer) this.#timestamp = next;
    // TUF 5.4.4: check for a freeze attack.
    if (this.#current(this.#timestamp).signed.isExpired(this.#now))
      throw expired("timestamp", this.#current(this.#timestamp).signed.expires);
    return newer;
  }

  /** Version and length, in bytes, of the snapshot that the timestamp names. */
  get snapshotWanted(): { version: number; length: number | undefined } {
    const { version, length } = this.#current(this.#timestamp).signed.snapshotMeta;
    return { version, length };
  }

  /** Takes the snapshot of the last walk to compare versions with, where it verifies. */
  useKnownSnapshot(bytes: Uint8Array): void {
    try {
      const known = Metadata.fromJSON(MetadataKind.Snapshot, parse(bytes, "snapshot"));
      this.#root.verifyDelegate("snapshot", known);
      this.#snapshot = known;
    } catch {
      this.#snapshot = null;
    }
  }

  /** TUF 5.5.2 to 5.5.6: check the snapshot. */
  updateSnapshot(bytes: Uint8Array): void {
    const { snapshotMeta } = this.#current(this.#timestamp).signed;
    // TUF 5.5.2: check against the timestamp role's snapshot hash.
    requireSame(() => snapshotMeta.verify(Buffer.from(bytes)), "snapshot", "timestamp");
    const next = read(
      () => Metadata.fromJSON(MetadataKind.Snapshot, parse(bytes, "snapshot")),
      "snapshot",
    );
    // TUF 5.5.3: check for an arbitrary software attack.
    requireSigned(this.#root, "snapshot", next);
    // TUF 5.5.4: check against the timestamp role's snapshot version.
    if (next.signed.version !== snapshotMeta.version)
      throw other("snapshot", next.signed.version, "timestamp", snapshotMeta.version);
    // TUF 5.5.5: check for a rollback attack.
    for (const [file, { version }] of Object.entries(this.#snapshot?.signed.meta ?? {})) {
      const now = next.signed.meta[file];
      if (!now) throw rolledBack(fact("role-no-longer-named", { by: "snapshot", role: file }));
      if (now.version < version) throw older(file, now.version, version);
    }
    // TUF 5.5.6: check for a freeze attack.
    if (next.signed.isExpired(this.#now)) throw expired("snapshot", next.signed.expires);
    this.#snapshot = next;
  }

  /** Version and length, in bytes, of the targets metadata that the snapshot names. */
  get targetsWanted(): { version: number; length: number | undefined } {
    const meta = this.#current(this.#snapshot).signed.meta["targets.json"];
    if (!meta) throw mixed(fact("role-not-named", { by: "snapshot", role: "targets.json" }));
    return { version: meta.version, length: meta.length };
  }

  /**
   * TUF 5.6.2 to 5.6.5: check the targets metadata. Delegated roles (5.6.7) are not followed, since
   * the platform makes none.
   */
  updateTargets(bytes: Uint8Array): TargetFile[] {
    const meta = this.#current(this.#snapshot).signed.meta["targets.json"];
    // TUF 5.6.2: check against the snapshot role's targets hash.
    requireSame(() => meta?.verify(Buffer.from(bytes)), "targets", "snapshot");
    const next = read(
      () => Metadata.fromJSON(MetadataKind.Targets, parse(bytes, "targets")),
      "targets",
    );
    // TUF 5.6.3: check for an arbitrary software attack.
    requireSigned(this.#root, "targets", next);
    // TUF 5.6.4: check against the snapshot role's targets version.
    if (next.signed.version !== meta?.version)
      throw other("targets", next.signed.version, "snapshot", meta?.version ?? 0);
    // TUF 5.6.5: check for a freeze attack.
    if (next.signed.isExpired(this.#now)) throw expired("targets", next.signed.expires);
    return Object.values(next.signed.targets);
  }

  #current<T>(metadata: T | null): T {
    if (metadata === null) throw new Error("a step of the walk was left out");
    return metadata;
  }
}

/** Whether bytes are root metadata that signed itself. */
export function isRoot(bytes: Uint8Array): boolean {
  try {
    return new TrustedMetadata(bytes, 0).rootVersion >= 1;
  } catch {
    return false;
  }
}

function requireSigned(by: Metadata<Root>, role: string, what: Any): void {
  try {
    by.verifyDelegate(role, what);
  } catch (error) {
    throw new OutriderError("update-not-trusted", {
      detail: fact("role-signed", { role, version: what.signed.version }),
      cause: error,
    });
  }
}

function requireSame(verify: () => void, role: string, by: string): void {
  try {
    verify();
  } catch (error) {
    throw new OutriderError("update-mixed", {
      detail: fact("role-content", { role, by }),
      cause: error,
    });
  }
}

function read<T>(make: () => T, role: string): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof OutriderError) throw error;
    throw new OutriderError("update-not-trusted", {
      detail: fact("role-unreadable", { role }),
      cause: error,
    });
  }
}

function parse(bytes: Uint8Array, role: string): Content {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new OutriderError("update-not-trusted", {
      detail: fact("role-no-json", { role }),
      cause: error,
    });
  }
  if (!isContent(parsed))
    throw new OutriderError("update-not-trusted", { detail: fact("role-no-metadata", { role }) });
  return parsed;
}

/** All that JSON.parse gives is JSON. */
function isContent(value: unknown): value is Content {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const older = (role: string, version: number, known: number) =>
  rolledBack(fact("role-older", { role, version, known }));
const other = (role: string, version: number, by: string, named: number) =>
  mixed(fact("role-other", { role, version, by, named }));
const rolledBack = (detail: Fact) => new OutriderError("update-rolled-back", { detail });
const expired = (role: string, at: string) =>
  new OutriderError("update-expired", { detail: fact("role-expired", { role, at }) });
const mixed = (detail: Fact) => new OutriderError("update-mixed", { detail });
