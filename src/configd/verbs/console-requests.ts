import { removeDurably, writeDurably } from "../../base/durable-file.ts";
import { readTextIfPossible } from "../../base/missing-file.ts";
import type { VerbReply } from "../api/api.ts";
import { validators } from "../state/validators.ts";

/**
 * The console requests that wait for the agent. configd calls the agent by a signal, which carries no
 * data, so the agent fetches them. Requests to stop a scan are on the disk and survive a restart: an
 * operator would notice a bundle that does not come, but not a scan that goes on.
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

  /** Resolves when the request is on the disk. */
  async stopScan(jobId: string): Promise<void> {
    const stopScans = await this.#load();
    for (const oldest of [...stopScans].slice(0, Math.max(0, stopScans.size + 1 - mostScans)))
      stopScans.delete(oldest);
    await this.#write(stopScans.add(jobId));
  }

  /** Whether a scan waits to be stopped that the agent has not reported as ended. */
  async isWaiting(): Promise<boolean> {
    return (await this.#load()).size > 0;
  }

  /**
   * The waiting requests. Each is returned once, except scans: they are returned until the agent
   * reports them in `ended`, because it may be interrupted before. Stopping a scan twice does no harm.
   */
  async take(ended: readonly string[]): Promise<VerbReply<"consoleRequests">> {
    const stopScans = await this.#load();
    const gone = ended.filter((jobId) => stopScans.delete(jobId));
    if (gone.length > 0) await this.#write(stopScans);
    const requests = {
      updates: this.#updates,
      supportBundle: this.#supportBundle,
      stopScans: [...stopScans],
    };
    this.#updates = false;
    this.#supportBundle = false;
    return requests;
  }

  #load(): Promise<Set<string>> {
    this.#stopScans ??= readTextIfPossible(this.#path).then((text) => readStopScans(text ?? ""));
    return this.#stopScans;
  }

  #write(stopScans: ReadonlySet<string>): Promise<void> {
    const text = JSON.stringify([...stopScans]);
    this.#writing = this.#writing
      // The caller of the write before got its error.
      .catch(() => undefined)
      .then(() =>
        stopScans.size === 0
          ? removeDurably(this.#path)
          : writeDurably(this.#path, text, { mode: 0o640 }),
      );
    return this.#writing;
  }
}

/** Reads stop-scans.json. A damaged file counts as empty: it must not keep configd from working. */
export function readStopScans(text: string): Set<string> {
  try {
    const read = validators.StopScans(JSON.parse(text));
    return new Set(read.valid ? read.value : []);
  } catch {
    return new Set();
  }
}

/** The limit of the schema. */
const mostScans = 100;
