import { readFile } from "node:fs/promises";
import { removeDurably, writeDurably } from "../../base/durable-file.ts";
import type { VerbReply } from "../api/api.ts";
import { validators } from "../state/validators.ts";

/**
 * What people at the console want of the agent, until it asks: it is called by a signal, which says
 * nothing of its own. That a scan shall end outlives configd: nobody looks whether it did, as one
 * looks for updates or a bundle that do not come.
 */
export class ConsoleRequests {
  readonly #path: string;
  #updates = false;
  #supportBundle = false;
  #stopScans: Promise<Set<string>> | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  checkUpdates(): void {
    this.#updates = true;
  }

  sendSupportBundle(): void {
    this.#supportBundle = true;
  }

  /** On the disk when this returns. */
  async stopScan(jobId: string): Promise<void> {
    const stopScans = await this.#load();
    for (const oldest of [...stopScans].slice(0, Math.max(0, stopScans.size + 1 - mostScans)))
      stopScans.delete(oldest);
    await this.#write(stopScans.add(jobId));
  }

  /** Whether there is a scan to be ended that the agent has not said to be. */
  async isWaiting(): Promise<boolean> {
    return (await this.#load()).size > 0;
  }

  /**
   * Each is given out once, but for scans: they are, until the agent says that they are `ended`. It
   * may be interrupted before, and a scan can be ended twice.
   */
  async take(ended: readonly string[]): Promise<VerbReply<"consoleRequests">> {
    const stopScans = await this.#load();
    const gone = ended.filter((jobId) => stopScans.delete(jobId));
    if (gone.length > 0) await this.#write(stopScans);
    const wishes = {
      updates: this.#updates,
      supportBundle: this.#supportBundle,
      stopScans: [...stopScans],
    };
    this.#updates = false;
    this.#supportBundle = false;
    return wishes;
  }

  #load(): Promise<Set<string>> {
    this.#stopScans ??= readFile(this.#path, "utf8").then(
      (text) => readStopScans(text),
      () => new Set(),
    );
    return this.#stopScans;
  }

  #write(stopScans: ReadonlySet<string>): Promise<void> {
    const text = JSON.stringify([...stopScans]);
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(() =>
        stopScans.size === 0
          ? removeDurably(this.#path)
          : writeDurably(this.#path, text, { mode: 0o640 }),
      );
    return this.#writing;
  }
}

/** A damaged file is none: it must not keep configd from working. */
export function readStopScans(text: string): Set<string> {
  try {
    const read = validators.StopScans(JSON.parse(text));
    return new Set(read.valid ? read.value : []);
  } catch {
    return new Set();
  }
}

/** As in the schema. */
const mostScans = 100;
