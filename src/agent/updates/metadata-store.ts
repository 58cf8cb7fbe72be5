import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  makeFolderDurably,
  removeAbandoned,
  removeDurably,
  writeDurably,
} from "../../base/durable-file.ts";
import { OutriderError } from "../../base/messages/error.ts";

export type RoleName = "root" | "timestamp" | "snapshot" | "targets";

/** The verified metadata that one walk leaves for the next. */
export interface MetadataStore {
  /**
   * The newest root that was verified, else the one that enrolment brought. Throws OutriderError
   * "update-no-root" when there is neither.
   */
  trustedRoot(): Promise<Uint8Array>;
  read(role: RoleName): Promise<Uint8Array | null>;
  write(role: RoleName, bytes: Uint8Array): Promise<void>;
  remove(role: RoleName): Promise<void>;
}

/**
 * The metadata in content/metadata/. Each file is verified again when it is read, so that a damaged
 * one counts as missing.
 */
export class MetadataFolder implements MetadataStore {
  readonly #folder: string;
  readonly #anchor: string | null;
  readonly #isRoot: (bytes: Uint8Array) => boolean;

  /**
   * @param anchor the root that enrolment brought, the start of all trust; null when it brought
   * none
   * @param isRoot whether bytes can be a root at all
   */
  constructor(folder: string, anchor: string | null, isRoot: (bytes: Uint8Array) => boolean) {
    this.#folder = folder;
    this.#anchor = anchor;
    this.#isRoot = isRoot;
  }

  /**
   * Called once, before all else. After another enrolment it forgets the root of the platform
   * before, so that the walk begins at the new one.
   */
  async open(): Promise<void> {
    await makeFolderDurably(this.#folder, 0o750);
    await removeAbandoned(this.#folder);
    const digest = createHash("sha256")
      .update(this.#anchor ?? "")
      .digest("hex");
    const known = await readFile(join(this.#folder, "anchor"), "utf8").catch(() => "");
    if (known === digest) return;
    // The walk drops the other files itself when the new root's keys did not sign them.
    await this.remove("root");
    await writeDurably(join(this.#folder, "anchor"), digest);
  }

  async trustedRoot(): Promise<Uint8Array> {
    const kept = await this.read("root");
    if (kept && this.#isRoot(kept)) return kept;
    const anchor = this.#anchor === null ? null : Buffer.from(this.#anchor);
    if (anchor === null || !this.#isRoot(anchor)) throw new OutriderError("update-no-root");
    return anchor;
  }

  read(role: RoleName): Promise<Uint8Array | null> {
    return readFile(this.#path(role)).catch(() => null);
  }

  write(role: RoleName, bytes: Uint8Array): Promise<void> {
    return writeDurably(this.#path(role), bytes, { mode: 0o640 });
  }

  remove(role: RoleName): Promise<void> {
    return removeDurably(this.#path(role));
  }

  #path(role: RoleName): string {
    return join(this.#folder, `${role}.json`);
  }
}
