import { OutriderError } from "../../base/messages/error.ts";
import { bytesPerFile, type SpoolFiles } from "./files.ts";

export interface SpoolFigures {
  usedBytes: number;
  limitBytes: number;
  /**
   * No new job is taken: too little is left, something waits for space, or the disk itself had
   * none.
   */
  full: boolean;
}

/** From this share on no new job is taken, so that those that run find room. */
const shareForJobs = 0.9;
/** Left to records, which are small, and without which nothing can be sent and removed. */
const shareForParts = 0.97;

/**
 * Keeps the spool within its limit, and the count of what lies in it. Only parts of results wait
 * for room; the small records beside them do not. It is a port around another one, so that no write
 * can go uncounted.
 */
export class Budget implements SpoolFiles {
  readonly limitBytes: number;
  readonly #files: SpoolFiles;
  readonly #changed: () => void;
  /** Removes what may be given up, oldest first; false when there is nothing more. */
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

  /** Counts what is there, without what was left of writes. */
  async open(folder: string): Promise<void> {
    await this.removeAbandoned(folder);
    this.#usedBytes = await this.#files.usage(folder);
  }

  /** The disk had no space when it was last asked. */
  get diskFull(): boolean {
    return this.#diskFull;
  }

  /**
   * Waits until there is room for so much. What is larger than the whole spool is let in when it is
   * alone.
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
    await this.#trying(() => this.#files.write(path, content));
    this.#diskFull = false;
    this.#use(Buffer.byteLength(content) + bytesPerFile - before);
  }

  makeFolder = (path: string) => this.#trying(() => this.#files.makeFolder(path));

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

  async #trying<T>(write: () => Promise<T>): Promise<T> {
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
