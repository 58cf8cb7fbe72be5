import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  makeFolderDurably,
  removeAbandoned,
  removeDurably,
  syncFolder,
  writeDurably,
} from "../../base/durable-file.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { fact, quoted } from "../../base/messages/facts.ts";
import type { ContentIndex } from "../../protocol/schemas/updates.ts";
import { validators } from "./validators.ts";

export interface Digest {
  sha256: string;
  length: number;
}

/**
 * The files of updates: targets/SHA256 is whole and was verified, targets/SHA256.part is being
 * fetched. Named by its digest, a file's content never changes; index.json has the names and
 * versions.
 */
export class ContentFolder {
  readonly path: string;
  readonly #targets: string;

  constructor(path: string) {
    this.path = path;
    this.#targets = join(path, "targets");
  }

  /** Called once, before all else. */
  async open(): Promise<void> {
    await removeAbandoned(this.path);
    await makeFolderDurably(this.#targets, 0o750);
  }

  async has({ sha256, length }: Digest): Promise<boolean> {
    return (await sizeOf(this.pathOf(sha256))) === length;
  }

  pathOf(sha256: string): string {
    return join(this.#targets, sha256);
  }

  /** Bytes of it that are here from an earlier try. */
  async received({ sha256, length }: Digest): Promise<number> {
    const size = await sizeOf(this.#part(sha256));
    if (size <= length) return Math.max(0, size);
    await this.forget(sha256);
    return 0;
  }

  /**
   * Appends to a file that is being fetched. The bytes are on the disk when this resolves, so that
   * fetching goes on behind them after a power cut. Throws OutriderError "storage-full".
   */
  async append({ sha256 }: Digest, bytes: Uint8Array): Promise<void> {
    const file = await open(this.#part(sha256), "a", 0o640);
    try {
      await file.appendFile(bytes);
      await file.datasync();
    } catch (error) {
      if (
        error instanceof Error &&
        "code" in error &&
        (error.code === "ENOSPC" || error.code === "EDQUOT")
      )
        throw new OutriderError("storage-full", { detail: quoted(this.#targets), cause: error });
      throw error;
    } finally {
      await file.close();
    }
  }

  /**
   * TUF 5.7.3: verify the target against its length and hashes. Throws OutriderError
   * "update-altered" and removes the file when they are not those that were signed.
   */
  async complete(digest: Digest): Promise<void> {
    const part = this.#part(digest.sha256);
    const found = await digestOf(part);
    if (found.sha256 !== digest.sha256 || found.length !== digest.length) {
      await this.forget(digest.sha256);
      throw new OutriderError("update-altered", {
        detail: fact("update-digest", { found: found.sha256, signed: digest.sha256 }),
      });
    }
    await rename(part, this.pathOf(digest.sha256));
    await syncFolder(this.#targets);
  }

  async forget(sha256: string): Promise<void> {
    await rm(this.#part(sha256), { force: true });
  }

  async drop(sha256: string): Promise<void> {
    await removeDurably(this.pathOf(sha256));
  }

  /** Removes every file whose digest is not wanted, begun ones too. */
  async keepOnly(wanted: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#targets))
      if (!wanted.has(name.replace(/\.part$/, ""))) await removeDurably(join(this.#targets, name));
  }

  async readIndex(): Promise<ContentIndex["items"]> {
    const text = await readFile(join(this.path, "index.json"), "utf8").catch(() => "null");
    try {
      const read = validators.ContentIndex(JSON.parse(text));
      return read.valid ? read.value.items : [];
    } catch {
      return [];
    }
  }

  async writeIndex(items: ContentIndex["items"]): Promise<void> {
    const index: ContentIndex = { version: 1, items };
    const text = JSON.stringify(index);
    const path = join(this.path, "index.json");
    if ((await readFile(path, "utf8").catch(() => "")) !== text)
      await writeDurably(path, text, { mode: 0o640 });
  }

  #part(sha256: string): string {
    return join(this.#targets, `${sha256}.part`);
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => -1,
  );
}

async function digestOf(path: string): Promise<Digest> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    hash.update(chunk);
    length += chunk.length;
  }
  return { sha256: hash.digest("hex"), length };
}
