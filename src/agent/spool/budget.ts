import { OutriderError } from "../../base/messages/error.ts";
import { bytesPerFile, type SpoolFiles } from "./files.ts";

export interface SpoolFigures {
  usedBytes: number;
  limitBytes: number;
  /** No new job is taken: little space is left, a part waits for space, or the disk is full. */
  full: boolean;
}

/** Above this share no new job is taken, so that running jobs find room. */
const shareForJobs = 0.9;
/** The rest is for records: they are small, and no part can be uploaded and removed without them. */
const shareForParts = 0.97;

/**
 * Keeps the spool within its limit and counts what it holds. Only parts of results wait for room;
 * the small records beside them do not. It wraps the files, so that every write is counted.
 */
export class Budget implements SpoolFiles {
  readonly limitBytes: number;
  readonly #files: SpoolFiles;
  readonly #changed: () => void;
  /** Removes the oldest file that may be dropped; false when there is none. */
  giveUp: () => Promise<boolean> = async () => false;
  #usedBytes = 0;
  #diskFull = false;
  readonly #waiting = new Set<() => void>();

  constructor(files: SpoolFiles, limitBytes: number, changed: () => void) {
    this.#files = files;
    this.limitBytes = limitBytes;
    this.#changed = changed;
  }

  get figures(): SpoolFigures {
    const full =
      this.#diskFull || this.#waiting.size > 0 || this.#usedBytes > this.limitBytes * shareForJobs;
    return { usedBytes: this.#usedBytes, limitBytes: this.limitBytes, full };
  }

  /** Removes temporary files and counts the others. */
  async open(folder: string): Promise<void> {
    await this.removeAbandoned(folder);
    this.#usedBytes = await this.#files.usage(folder);
  }

  /** The last write failed because the disk was full. */
  get diskFull(): boolean {
    return this.#diskFull;
  }

  /**
   * Waits until there is room for `bytes` bytes. A part larger than the limit is let in when the
   * spool is less than half full.
   */
  async room(bytes: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#fits(bytes)) return;
      if (await this.giveUp()) continue;
      if (this.#fits(bytes)) return;
      await this.#untilLess(signal);
    }
  }

  read = (path: string) => this.#files.read(path);
  removeAbandoned = (folder: string) => this.#files.removeAbandoned(folder);
  list = (folder: string) => this.#files.list(folder);
  size = (path: string) => this.#files.size(path);
  usage = (folder: string) => this.#files.usage(folder);

  async write(path: string, content: string | Uint8Array): Promise<void> {
    const before = await this.#cost(path);
    await this.#watchingSpace(() => this.#files.write(path, content));
    this.#diskFull = false;
    this.#use(Buffer.byteLength(content) + bytesPerFile - before);
  }

  makeFolder = (path: string) => this.#watchingSpace(() => this.#files.makeFolder(path));

  async moveEmptied(from: string, to: string): Promise<number | null> {
    const bytes = await this.#files.moveEmptied(from, to);
    if (bytes !== null) this.#use(-bytes);
    return bytes;
  }

  move = (from: string, to: string) => this.#files.move(from, to);

  async remove(path: string): Promise<void> {
    const before = await this.#cost(path);
    await this.#files.remove(path);
    this.#use(-before);
  }

  async removeFolder(path: string): Promise<void> {
    const before = await this.#files.usage(path);
    await this.#files.removeFolder(path);
    this.#use(-before);
  }

  #fits(bytes: number): boolean {
    return (
      this.#usedBytes + bytes <= this.limitBytes * shareForParts ||
      (bytes > this.limitBytes * shareForParts && this.#usedBytes < this.limitBytes / 2)
    );
  }

  async #untilLess(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    this.#changed();
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    this.#waiting.delete(resolve);
    this.#changed();
  }

  async #cost(path: string): Promise<number> {
    const bytes = await this.#files.size(path);
    return bytes === null ? 0 : bytes + bytesPerFile;
  }

  #use(bytes: number): void {
    this.#usedBytes = Math.max(0, this.#usedBytes + bytes);
    if (bytes < 0) for (const wake of this.#waiting) wake();
    this.#changed();
  }

  async #watchingSpace<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (error instanceof OutriderError && error.code === "storage-full") {
        this.#diskFull = true;
        this.#changed();
      }
      throw error;
    }
  }
}
