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
 * What one walk through a TUF repository has verified so far. The steps in the comments are those
 * of the TUF specification 1.0.33, section 5. Nothing here reads a clock or a disk: the time is the
 * platform's, fixed at the start of the walk (5.1), since the appliance's own clock may be wrong.
 */
export class TrustedMetadata {
  readonly #now: Date;
  #root: Metadata<Root>;
  #timestamp: Metadata<Timestamp> | null = null;
  #snapshot: Metadata<Snapshot> | null = null;

  /** 5.2: the trusted root, also when it has expired. */
  constructor(root: Uint8Array, nowMs: number) {
    this.#now = new Date(nowMs);
    this.#root = Metadata.fromJSON(MetadataKind.Root, parse(root, "root"));
    requireSigned(this.#root, "root", this.#root);
  }

  get rootVersion(): number {
    return this.#root.signed.version;
  }

  /** 5.3.4 to 5.3.7 */
  updateRoot(bytes: Uint8Array): void {
    const next = read(() => Metadata.fromJSON(MetadataKind.Root, parse(bytes, "root")), "root");
    // 5.3.4: arbitrary software attack. Signed by the old keys and by its own.
    requireSigned(this.#root, "root", next);
    requireSigned(next, "root", next);
    // 5.3.5: rollback attack.
    const expected = this.rootVersion + 1;
    if (next.signed.version !== expected)
      throw rolledBack(
        fact("role-version", { role: "root", version: next.signed.version, expected }),
      );
    this.#root = next;
  }

  /** 5.3.10: freeze attack, once the newest root was reached. */
  endRoots(): void {
    if (this.#root.signed.isExpired(this.#now)) throw expired("root", this.#root.signed.expires);
  }

  /**
   * The one of the last walk, for comparing; false when it is no good any more. 5.3.11: after its
   * keys were replaced it fails here and is forgotten, which is the way back from versions that an
   * attacker with the old keys made too great.
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

  /** 5.4.2 to 5.4.4; false when nothing is newer. */
  updateTimestamp(bytes: Uint8Array): boolean {
    const next = read(
      () => Metadata.fromJSON(MetadataKind.Timestamp, parse(bytes, "timestamp")),
      "timestamp",
    );
    // 5.4.2: arbitrary software attack.
    requireSigned(this.#root, "timestamp", next);
    const known = this.#timestamp;
    if (known) {
      // 5.4.3.1 and 5.4.3.2: rollback attack.
      if (next.signed.version < known.signed.version)
        throw older("timestamp", next.signed.version, known.signed.version);
      const { version } = known.signed.snapshotMeta;
      if (next.signed.snapshotMeta.version < version)
        throw older("snapshot", next.signed.snapshotMeta.version, version);
    }
    const newer = next.signed.version !== known?.signed.version;
    if (newer) this.#timestamp = next;
    // 5.4.4: freeze attack.
    if (this.#current(this.#timestamp).signed.isExpired(this.#now))
      throw expired("timestamp", this.#current(this.#timestamp).signed.expires);
    return newer;
  }

  /** What the timestamp says of the snapshot to fetch. */
  get snapshotWanted(): { version: number; length: number | undefined } {
    const { version, length } = this.#current(this.#timestamp).signed.snapshotMeta;
    return { version, length };
  }

  /** The one of the last walk, for comparing. */
  useKnownSnapshot(bytes: Uint8Array): void {
    try {
      const known = Metadata.fromJSON(MetadataKind.Snapshot, parse(bytes, "snapshot"));
      this.#root.verifyDelegate("snapshot", known);
      this.#snapshot = known;
    } catch {
      this.#snapshot = null;
    }
  }

  /** 5.5.2 to 5.5.6 */
  updateSnapshot(bytes: Uint8Array): void {
    const { snapshotMeta } = this.#current(this.#timestamp).signed;
    // 5.5.2: mix-and-match attack.
    requireSame(() => snapshotMeta.verify(Buffer.from(bytes)), "snapshot", "timestamp");
    const next = read(
      () => Metadata.fromJSON(MetadataKind.Snapshot, parse(bytes, "snapshot")),
      "snapshot",
    );
    // 5.5.3: arbitrary software attack.
    requireSigned(this.#root, "snapshot", next);
    // 5.5.4: mix-and-match attack.
    if (next.signed.version !== snapshotMeta.version)
      throw other("snapshot", next.signed.version, "timestamp", snapshotMeta.version);
    // 5.5.5: rollback attack.
    for (const [file, { version }] of Object.entries(this.#snapshot?.signed.meta ?? {})) {
      const now = next.signed.meta[file];
      if (!now) throw rolledBack(fact("role-no-longer-named", { by: "snapshot", role: file }));
      if (now.version < version) throw older(file, now.version, version);
    }
    // 5.5.6: freeze attack.
    if (next.signed.isExpired(this.#now)) throw expired("snapshot", next.signed.expires);
    this.#snapshot = next;
  }

  /** What the snapshot says of the targets to fetch. */
  get targetsWanted(): { version: number; length: number | undefined } {
    const meta = this.#current(this.#snapshot).signed.meta["targets.json"];
    if (!meta) throw mixed(fact("role-not-named", { by: "snapshot", role: "targets.json" }));
    return { version: meta.version, length: meta.length };
  }

  /** 5.6.2 to 5.6.5. Delegated roles are not followed: the platform makes none. */
  updateTargets(bytes: Uint8Array): TargetFile[] {
    const meta = this.#current(this.#snapshot).signed.meta["targets.json"];
    // 5.6.2: mix-and-match attack.
    requireSame(() => meta?.verify(Buffer.from(bytes)), "targets", "snapshot");
    const next = read(
      () => Metadata.fromJSON(MetadataKind.Targets, parse(bytes, "targets")),
      "targets",
    );
    // 5.6.3: arbitrary software attack.
    requireSigned(this.#root, "targets", next);
    // 5.6.4: mix-and-match attack.
    if (next.signed.version !== meta?.version)
      throw other("targets", next.signed.version, "snapshot", meta?.version ?? 0);
    // 5.6.5: freeze attack.
    if (next.signed.isExpired(this.#now)) throw expired("targets", next.signed.expires);
    return Object.values(next.signed.targets);
  }

  #current<T>(metadata: T | null): T {
    if (metadata === null) throw new Error("a step of the walk was left out");
    return metadata;
  }
}

/** Whether a text can be the root of trust at all. */
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
