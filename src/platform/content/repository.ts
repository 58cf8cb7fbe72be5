import { join } from "node:path";
import {
  type Key,
  Metadata,
  type MetaFile,
  Snapshot,
  TargetFile,
  Targets,
  Timestamp,
} from "@tufjs/models";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import type { Announcement, TargetFacts } from "../../protocol/schemas/updates.ts";
import { validators } from "../../protocol/validators.ts";
import {
  expiry,
  firstMetadata,
  lifetimesMs,
  rootMetadata,
  specification,
} from "./first-metadata.ts";
import { KeyFolder, type Role, roles } from "./keys.ts";
import { type CurrentMetadata, MetadataFiles } from "./metadata-files.ts";
import { TargetFiles, type UploadedFile } from "./target-files.ts";

export interface PublishedContent extends Announcement {
  sha256: string;
  sequence: number;
}

export interface ReplacedKey {
  before: string;
  keyId: string;
  rootVersion: number;
}

export interface RoleState {
  role: Role;
  keyId: string;
  /** The private key is on this platform. */
  keyHere: boolean;
  version: number;
  expiresAt: number;
  /** From when on it is signed anew by itself, where its key is here. */
  renewsAt: number;
  /** Roles whose private keys have to be put back before this one's can be replaced. */
  missing: Role[];
}

/**
 * Whose keys sign something when a role gets a new one: its own new key is made here, and a new
 * root is vouched for by the old one.
 */
const signersOfReplacement: Record<Role, readonly Role[]> = {
  root: ["root"],
  targets: ["root", "snapshot", "timestamp"],
  snapshot: ["root", "timestamp"],
  timestamp: ["root"],
};

/** Older ones of a name are taken out of the list: one to go back to is enough. */
const keptOfEachName = 2;

/**
 * The TUF repository of signature packs and software: what is published, and the signatures that
 * appliances check.
 */
export class ContentRepository {
  readonly files: TargetFiles;
  readonly #metadata: MetadataFiles;
  readonly #keys: KeyFolder;
  readonly #clock: Clock;
  readonly #log: Log;
  #current: CurrentMetadata;
  #rootText: string;
  /** One change after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    parts: { metadata: MetadataFiles; files: TargetFiles; keys: KeyFolder; clock: Clock; log: Log },
    current: CurrentMetadata,
  ) {
    this.#metadata = parts.metadata;
    this.files = parts.files;
    this.#keys = parts.keys;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#current = current;
    this.#rootText = JSON.stringify(current.root.toJSON());
  }

  static async open(folder: string, clock: Clock, log: Log): Promise<ContentRepository> {
    const metadata = new MetadataFiles(join(folder, "metadata"));
    const files = new TargetFiles(join(folder, "targets"), join(folder, "uploads"));
    const keys = new KeyFolder(join(folder, "keys"));
    await metadata.open();
    await files.open();
    const current = (await metadata.read()) ?? (await firstMetadata(metadata, keys, clock));
    const repository = new ContentRepository({ metadata, files, keys, clock, log }, current);
    await repository.#endReplacement();
    await repository.renew();
    return repository;
  }

  /** The newest root: what an appliance that enrols now trusts. */
  get rootText(): string {
    return this.#rootText;
  }

  /** Grows with each change of what is published. */
  get version(): number {
    return this.#current.targets.signed.version;
  }

  /** Newest first. */
  list(): PublishedContent[] {
    return Object.values(this.#current.targets.signed.targets)
      .flatMap((target): PublishedContent[] => {
        const facts = validators.TargetFacts(target.custom);
        return facts.valid
          ? [{ ...facts.value, sha256: target.hashes.sha256 ?? "", length: target.length }]
          : [];
      })
      .sort((a, b) => b.sequence - a.sequence);
  }

  async metadata(name: string): Promise<Buffer | null> {
    return this.#metadata.bytes(name);
  }

  /** A piece of a published file. */
  async piece(sha256: string, from: number, length: number): Promise<Buffer> {
    const content = this.list().find((each) => each.sha256 === sha256);
    if (!content || from >= content.length) throw new OutriderError("not-found");
    return this.files.piece(
      pathOf(content),
      content.sha256,
      from,
      Math.min(length, content.length - from),
    );
  }

  async roles(): Promise<RoleState[]> {
    return Promise.all(
      roles.map(async (role) => {
        const { version, expires } = this.#current[role].signed;
        const keyId = this.#keyOf(role);
        const expiresAt = Date.parse(expires);
        const renewsAt = expiresAt - lifetimesMs[role] / 2;
        return {
          role,
          keyId,
          keyHere: await this.#keys.has(role, keyId),
          version,
          expiresAt,
          renewsAt,
          missing: await this.#missingFor(role),
        };
      }),
    );
  }

  /** Publishes an uploaded file. A version that is there already stays what it is. */
  publish(
    wanted: Omit<TargetFacts, "publishedAt" | "sequence">,
    file: UploadedFile,
  ): Promise<PublishedContent> {
    return this.#alone(async () => {
      const published = this.list();
      if (published.some((each) => pathOf(each) === pathOf(wanted)))
        throw new OutriderError("content-exists", {
          detail: `${wanted.kind} ${wanted.name} ${wanted.version}`,
        });
      const sequence = Math.max(0, ...published.map((each) => each.sequence), this.version) + 1;
      const content: PublishedContent = {
        ...wanted,
        publishedAt: this.#clock.nowMs(),
        sequence,
        sha256: file.sha256,
        length: file.length,
      };
      const older = published
        .filter(({ kind, name }) => kind === wanted.kind && name === wanted.name)
        .slice(keptOfEachName - 1);
      const staying = published.filter((each) => !older.includes(each));
      await this.#requireKey("targets");
      await this.files.keep(file, pathOf(content));
      await this.#signTargets([...staying, content]);
      await this.#dropFiles(older);
      this.#log.info("content published", {
        kind: content.kind,
        name: content.name,
        version: content.version,
        sha256: content.sha256,
      });
      return content;
    });
  }

  withdraw(wanted: Pick<TargetFacts, "kind" | "name" | "version">): Promise<void> {
    return this.#alone(async () => {
      const published = this.list();
      const gone = published.filter((each) => pathOf(each) === pathOf(wanted));
      if (gone.length === 0) throw new OutriderError("not-found");
      await this.#signTargets(published.filter((each) => !gone.includes(each)));
      await this.#dropFiles(gone);
      this.#log.info("content withdrawn", {
        kind: wanted.kind,
        name: wanted.name,
        version: wanted.version,
      });
    });
  }

  /** Signs anew what would expire within half of its life. Called at the start and hourly. */
  renew(): Promise<void> {
    return this.#alone(async () => {
      const due = (role: Role) =>
        Date.parse(this.#current[role].signed.expires) - this.#clock.nowMs() <
        lifetimesMs[role] / 2;
      if (due("root"))
        await this.#ifKeyIsHere("root", () =>
          this.#signRoot(this.#current.root.signed.keys, (role) => this.#keyOf(role), ["root"]),
        );
      // Each is signed together with those after it. A key in a safe place keeps nobody else's from
      // signing.
      for (const role of ["targets", "snapshot", "timestamp"] as const)
        if (due(role)) await this.#ifKeyIsHere(role, () => this.#signAnew(role));
    });
  }

  /**
   * Gives a role a new key, which the root vouches for; appliances follow by themselves.
   *
   * @param expected the key that is meant to go: asked for twice, one replacement is done
   */
  replaceKey(role: Role, expected: string | null = null): Promise<ReplacedKey> {
    return this.#alone(async () => {
      if (expected !== null && expected !== this.#keyOf(role))
        throw new OutriderError("content-key-changed", { detail: role });
      const [missing] = await this.#missingFor(role);
      if (missing) await this.#requireKey(missing);
      const old = this.#keyOf(role);
      const key = await this.#keys.make(role);
      const keys = {
        ...Object.fromEntries(
          Object.entries(this.#current.root.signed.keys).filter(([id]) => id !== old),
        ),
        [key.keyID]: key,
      };
      const keyOf = (each: Role) => (each === role ? key.keyID : this.#keyOf(each));
      // A new root key must be vouched for by the old one, and sign itself (5.3.4).
      await this.#signRoot(keys, keyOf, ["root"], role === "root" ? old : null);
      await this.#signAnew(role);
      await this.#keys.remove(role, old);
      this.#log.info("content key replaced", { role, keyId: key.keyID, before: old });
      return { before: old, keyId: key.keyID, rootVersion: this.#current.root.signed.version };
    });
  }

  /**
   * A platform that ended while it replaced a key has a root that names the new key, and lists that
   * the old one signed: nobody could take them.
   */
  async #endReplacement(): Promise<void> {
    for (const role of ["targets", "snapshot", "timestamp"] as const) {
      if (this.#isSignedAsRootSays(role)) continue;
      this.#log.warning("the replacement of a key was cut off; what it signs is signed now", {
        role,
      });
      await this.#ifKeyIsHere(role, () => this.#signAnew(role));
    }
  }

  #isSignedAsRootSays(role: Role): boolean {
    try {
      this.#current.root.verifyDelegate(role, this.#current[role]);
      return true;
    } catch {
      return false;
    }
  }

  /** What a role signs, and everything that names it. */
  async #signAnew(role: Role): Promise<void> {
    if (role === "targets") await this.#signTargets(this.list());
    else if (role === "snapshot")
      await this.#signSnapshot(await this.#metadata.write("targets", this.#current.targets));
    else if (role === "timestamp")
      await this.#signTimestamp(await this.#metadata.write("snapshot", this.#current.snapshot));
  }

  async #missingFor(role: Role): Promise<Role[]> {
    const missing: Role[] = [];
    for (const signer of signersOfReplacement[role])
      if (!(await this.#keys.has(signer, this.#keyOf(signer)))) missing.push(signer);
    return missing;
  }

  async #signRoot(
    keys: Record<string, Key>,
    keyOf: (role: Role) => string,
    by: Role[],
    alsoBy: string | null = null,
  ): Promise<void> {
    const version = this.#current.root.signed.version + 1;
    const root = rootMetadata(version, this.#expiry("root"), keys, keyOf);
    for (const role of by) await this.#keys.sign(root, role, keyOf(role));
    if (alsoBy !== null) await this.#keys.sign(root, "root", alsoBy);
    await this.#metadata.write("root", root);
    this.#current = { ...this.#current, root };
    this.#rootText = JSON.stringify(root.toJSON());
  }

  async #signTargets(contents: readonly PublishedContent[]): Promise<void> {
    const targets = new Metadata(
      new Targets({
        version: this.version + 1,
        specVersion: specification,
        expires: this.#expiry("targets"),
        targets: Object.fromEntries(
          contents.map((content) => [pathOf(content), targetFile(content)]),
        ),
      }),
    );
    await this.#keys.sign(targets, "targets", this.#keyOf("targets"));
    const meta = await this.#metadata.write("targets", targets);
    await this.#signSnapshot(meta, targets);
  }

  async #signSnapshot(targetsMeta: MetaFile, targets = this.#current.targets): Promise<void> {
    const version = this.#current.snapshot.signed.version + 1;
    const snapshot = new Metadata(
      new Snapshot({
        version,
        specVersion: specification,
        expires: this.#expiry("snapshot"),
        meta: { "targets.json": targetsMeta },
      }),
    );
    await this.#keys.sign(snapshot, "snapshot", this.#keyOf("snapshot"));
    await this.#signTimestamp(await this.#metadata.write("snapshot", snapshot), snapshot, targets);
  }

  /**
   * The last file that is written: from then on everything new is published, and before it nothing.
   */
  async #signTimestamp(
    snapshotMeta: MetaFile,
    snapshot = this.#current.snapshot,
    targets = this.#current.targets,
  ): Promise<void> {
    const version = this.#current.timestamp.signed.version + 1;
    const timestamp = new Metadata(
      new Timestamp({
        version,
        specVersion: specification,
        expires: this.#expiry("timestamp"),
        snapshotMeta,
      }),
    );
    await this.#keys.sign(timestamp, "timestamp", this.#keyOf("timestamp"));
    await this.#metadata.write("timestamp", timestamp);
    this.#current = { ...this.#current, targets, snapshot, timestamp };
    await this.#metadata.dropOld("targets", targets.signed.version);
    await this.#metadata.dropOld("snapshot", snapshot.signed.version);
  }

  async #dropFiles(gone: readonly PublishedContent[]): Promise<void> {
    for (const content of gone) await this.files.drop(pathOf(content), content.sha256);
  }

  #keyOf(role: Role): string {
    return this.#current.root.signed.roles[role]?.keyIDs[0] ?? "";
  }

  async #requireKey(role: Role): Promise<void> {
    if (!(await this.#keys.has(role, this.#keyOf(role))))
      throw new OutriderError("content-keys-missing", {
        detail: `${role} ${this.#keyOf(role).slice(0, 16)}`,
      });
  }

  async #ifKeyIsHere(role: Role, work: () => Promise<void>): Promise<void> {
    if (await this.#keys.has(role, this.#keyOf(role))) return work();
    this.#log.warning("signed content must be renewed soon: put the key back", {
      role,
      until: this.#current[role].signed.expires,
    });
  }

  #expiry(role: Role): string {
    return expiry(role, this.#clock);
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

function targetFile({ sha256, length, ...facts }: PublishedContent): TargetFile {
  return new TargetFile({
    path: pathOf(facts),
    length,
    hashes: { sha256 },
    unrecognizedFields: { custom: { ...facts } },
  });
}

function pathOf({ kind, name, version }: Pick<TargetFacts, "kind" | "name" | "version">): string {
  return `${kind}/${name}-${version}`;
}
