import { join } from "node:path";
import { type Key, Metadata, type MetaFile, Snapshot, Targets, Timestamp } from "@tufjs/models";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import {
  expiry,
  firstMetadata,
  lifetimesMs,
  rootMetadata,
  specification,
} from "./first-metadata.ts";
import { KeyFolder, type Role, roles } from "./keys.ts";
import { type CurrentMetadata, MetadataFiles } from "./metadata-files.ts";
import { contentsOf, type PublishedContent, targetsOf } from "./published-content.ts";

export interface ReplacedKey {
  /** The id of the key that was replaced. */
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
  /** The platform renews the signature from then on, if the key is here. */
  renewsAt: number;
  /** Roles whose private keys have to be put back before this one's can be replaced. */
  missing: Role[];
}

/**
 * The roles whose keys sign when a role gets a new key: the root vouches for the new key, and the
 * lists above the role's own are signed again.
 */
const signersOfReplacement: Record<Role, readonly Role[]> = {
  root: ["root"],
  targets: ["root", "snapshot", "timestamp"],
  snapshot: ["root", "timestamp"],
  timestamp: ["root"],
};

/**
 * The TUF metadata that appliances check: the published targets, signed with the keys that the root
 * names. Methods that sign must not run at the same time; ContentRepository sees to that.
 */
export class SignedMetadata {
  readonly #files: MetadataFiles;
  readonly #keys: KeyFolder;
  readonly #clock: Clock;
  readonly #log: Log;
  #current: CurrentMetadata;
  #rootText: string;

  private constructor(
    parts: { files: MetadataFiles; keys: KeyFolder; clock: Clock; log: Log },
    current: CurrentMetadata,
  ) {
    this.#files = parts.files;
    this.#keys = parts.keys;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#current = current;
    this.#rootText = JSON.stringify(current.root.toJSON());
  }

  /** Signs the first metadata at the platform's first start, and what a crash left unsigned. */
  static async open(folder: string, clock: Clock, log: Log): Promise<SignedMetadata> {
    const files = new MetadataFiles(join(folder, "metadata"));
    const keys = new KeyFolder(join(folder, "keys"));
    await files.open();
    const current = (await files.read()) ?? (await firstMetadata(files, keys, clock));
    const metadata = new SignedMetadata({ files, keys, clock, log }, current);
    await metadata.#endReplacement();
    return metadata;
  }

  /** The newest root: what an appliance that enrols now trusts. */
  get rootText(): string {
    return this.#rootText;
  }

  /** Grows with each change of the published contents. */
  get version(): number {
    return this.#current.targets.signed.version;
  }

  /** Newest first. */
  get contents(): PublishedContent[] {
    return contentsOf(this.#current.targets.signed);
  }

  /** A metadata file as it was signed; null for an unknown name. */
  bytes(name: string): Promise<Buffer | null> {
    return this.#files.bytes(name);
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

  /** Signs again the lists that expire within half of their life, if their keys are here. */
  async renew(): Promise<void> {
    const due = (role: Role) =>
      Date.parse(this.#current[role].signed.expires) - this.#clock.nowMs() < lifetimesMs[role] / 2;
    if (due("root"))
      await this.#ifKeyIsHere("root", () =>
        this.#signRoot(this.#current.root.signed.keys, (role) => this.#keyOf(role)),
      );
    // Each list is signed together with those above it. A key that is in a safe place does not keep
    // the others from signing.
    for (const role of ["targets", "snapshot", "timestamp"] as const)
      if (due(role)) await this.#ifKeyIsHere(role, () => this.#signAgain(role));
  }

  /**
   * Gives a role a new key, which the root vouches for. Throws OutriderError
   * "content-keys-missing", or "content-key-changed" when `expected` is not the role's key any
   * more.
   */
  async replaceKey(role: Role, expected: string | null): Promise<ReplacedKey> {
    if (expected !== null && expected !== this.#keyOf(role))
      throw new OutriderError("content-key-changed", { detail: role });
    const [missing] = await this.#missingFor(role);
    if (missing) await this.requireKey(missing);
    const old = this.#keyOf(role);
    const key = await this.#keys.make(role);
    const keys = {
      ...Object.fromEntries(
        Object.entries(this.#current.root.signed.keys).filter(([id]) => id !== old),
      ),
      [key.keyID]: key,
    };
    const keyOf = (each: Role) => (each === role ? key.keyID : this.#keyOf(each));
    // TUF 5.3.4: clients accept a new root that the old root key and the new one have signed.
    await this.#signRoot(keys, keyOf, role === "root" ? old : null);
    await this.#signAgain(role);
    await this.#keys.remove(role, old);
    this.#log.info("content key replaced", { role, keyId: key.keyID, before: old });
    return { before: old, keyId: key.keyID, rootVersion: this.#current.root.signed.version };
  }

  /** Throws OutriderError "content-keys-missing" when the role's private key is not here. */
  async requireKey(role: Role): Promise<void> {
    if (!(await this.#keys.has(role, this.#keyOf(role))))
      throw new OutriderError("content-keys-missing", {
        detail: `${role} ${this.#keyOf(role).slice(0, 16)}`,
      });
  }

  /** Publishes these contents and no others. */
  async signTargets(contents: readonly PublishedContent[]): Promise<void> {
    const targets = new Metadata(
      new Targets({
        version: this.version + 1,
        specVersion: specification,
        expires: this.#expiry("targets"),
        targets: targetsOf(contents),
      }),
    );
    await this.#keys.sign(targets, "targets", this.#keyOf("targets"));
    await this.#signSnapshot(await this.#files.write("targets", targets), targets);
  }

  /**
   * A platform that ended while it replaced a key has a root that names the new key, and lists that
   * the old one signed: no appliance could take them.
   */
  async #endReplacement(): Promise<void> {
    for (const role of ["targets", "snapshot", "timestamp"] as const) {
      if (this.#isSignedAsRootSays(role)) continue;
      this.#log.warning("key replacement was interrupted; signing its lists now", {
        role,
      });
      await this.#ifKeyIsHere(role, () => this.#signAgain(role));
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

  /** Signs a role's list, and the lists above that name it. The root is signed by itself. */
  async #signAgain(role: Role): Promise<void> {
    if (role === "targets") await this.signTargets(this.contents);
    else if (role === "snapshot")
      await this.#signSnapshot(await this.#files.write("targets", this.#current.targets));
    else if (role === "timestamp")
      await this.#signTimestamp(await this.#files.write("snapshot", this.#current.snapshot));
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
    alsoBy: string | null = null,
  ): Promise<void> {
    const version = this.#current.root.signed.version + 1;
    const root = rootMetadata(version, this.#expiry("root"), keys, keyOf);
    await this.#keys.sign(root, "root", keyOf("root"));
    if (alsoBy !== null) await this.#keys.sign(root, "root", alsoBy);
    await this.#files.write("root", root);
    this.#current = { ...this.#current, root };
    this.#rootText = JSON.stringify(root.toJSON());
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
    await this.#signTimestamp(await this.#files.write("snapshot", snapshot), snapshot, targets);
  }

  /** Written last: publishes all new files at once, or none. */
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
    await this.#files.write("timestamp", timestamp);
    this.#current = { ...this.#current, targets, snapshot, timestamp };
    await this.#files.dropOld("targets", targets.signed.version);
    await this.#files.dropOld("snapshot", snapshot.signed.version);
  }

  #keyOf(role: Role): string {
    return this.#current.root.signed.roles[role]?.keyIDs[0] ?? "";
  }

  async #ifKeyIsHere(role: Role, work: () => Promise<void>): Promise<void> {
    if (await this.#keys.has(role, this.#keyOf(role))) return work();
    this.#log.warning("signature runs out and its key is not here", {
      role,
      until: this.#current[role].signed.expires,
    });
  }

  #expiry(role: Role): string {
    return expiry(role, this.#clock);
  }
}
