import { rm } from "node:fs/promises";
import { writeDurably } from "../../base/durable-file.ts";
import type { Log } from "../../base/log.ts";
import { isFileFault } from "../../base/missing-file.ts";
import type { IdleLife } from "../../transport/idle-connections.ts";

/**
 * Keeps in a file how long idle connections live, for the doctor, which runs as another process.
 * What an earlier run of the agent learnt is dropped: settings and networks change between runs.
 */
export class IdleRecord {
  readonly #file: string;
  readonly #log: Log;
  #writing: Promise<void>;
  #next: readonly IdleLife[] | null = null;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    this.#writing = this.#tried(rm(file, { force: true }));
  }

  /** Writes the newest; one that comes while another is written waits for it. */
  keep(lives: readonly IdleLife[]): void {
    const isQueued = this.#next !== null;
    this.#next = lives;
    if (isQueued) return;
    this.#writing = this.#writing.then(() => {
      const text = JSON.stringify(this.#next);
      this.#next = null;
      return this.#tried(writeDurably(this.#file, text));
    });
  }

  /** Resolves when all is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Nothing depends on it but what the doctor says. */
  async #tried(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!isFileFault(error)) throw error;
      this.#log.warning("idle connections not recorded", { error: String(error) });
    }
  }
}
