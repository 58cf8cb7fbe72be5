import { createHash } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolderDurably, removeDurably, syncFolder } from "../../base/durable-file.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import { longestTargetBytes } from "../../protocol/schemas/updates.ts";

/** A file that was received whole and is not published yet. */
export interface UploadedFile {
  path: string;
  sha256: string;
  length: number;
}

/**
 * The published files, at targets/KIND/SHA256.NAME-VERSION, as TUF clients ask for them with
 * consistent snapshots (TUF specification 5.7.3: prefix the name with the hash).
 */
export class TargetFiles {
  readonly #folder: string;
  readonly #uploads: string;

  constructor(folder: string, uploads: string) {
    this.#folder = folder;
    this.#uploads = uploads;
  }

  async open(): Promise<void> {
    await makeFolderDurably(this.#folder);
    await makeFolderDurably(this.#uploads);
    // Remove uploads that the end of the last run interrupted.
    for (const name of await readdir(this.#uploads))
      await rm(join(this.#uploads, name), { force: true });
  }

  /**
   * Stores an upload, which is on the disk when this returns. Throws OutriderError "too-large",
   * "request-invalid" for an empty file, "storage-full".
   */
  async receive(stream: AsyncIterable<Uint8Array>, random: Random): Promise<UploadedFile> {
    const path = join(this.#uploads, random.uuid());
    const hash = createHash("sha256");
    let length = 0;
    const file = await open(path, "wx", 0o600);
    try {
      for await (const chunk of stream) {
        length += chunk.length;
        if (length > longestTargetBytes)
          throw new OutriderError("too-large", {
            detail: fact("file-too-large", { bytes: longestTargetBytes }),
          });
        hash.update(chunk);
        await file.appendFile(chunk);
      }
      if (length === 0) throw new OutriderError("request-invalid", { detail: fact("file-empty") });
      await file.sync();
    } catch (error) {
      await rm(path, { force: true });
      if (error instanceof Error && "code" in error && error.code === "ENOSPC")
        throw new OutriderError("storage-full", { detail: this.#uploads, cause: error });
      throw error;
    } finally {
      await file.close();
    }
    return { path, sha256: hash.digest("hex"), length };
  }

  async discard(file: UploadedFile): Promise<void> {
    await rm(file.path, { force: true });
  }

  async keep(file: UploadedFile, target: string): Promise<void> {
    const path = this.#path(target, file.sha256);
    await makeFolderDurably(dirname(path));
    await rename(file.path, path);
    await syncFolder(dirname(path));
  }

  async drop(target: string, sha256: string): Promise<void> {
    await removeDurably(this.#path(target, sha256));
  }

  async piece(target: string, sha256: string, from: number, length: number): Promise<Buffer> {
    const file = await open(this.#path(target, sha256), "r");
    try {
      const bytes = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, from + filled);
        if (bytesRead === 0) throw new OutriderError("storage-damaged", { detail: target });
        filled += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  }

  #path(target: string, sha256: string): string {
    return join(this.#folder, dirname(target), `${sha256}.${basename(target)}`);
  }
}
