import { rm } from "node:fs/promises";
import { writeDurably } from "../../base/durable-file.ts";
import type { CardWait } from "../schemas.ts";

/** Agent and runner are different users that share a group. */
const sharedFileMode = 0o660;

/**
 * The file by which the agent learns that a shard waits for its card. Only people need it: what goes
 * wrong with it, as on a full disk, costs the scan nothing.
 */
export class WaitNote {
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Writes the file anew, or removes it, one change after the other. */
  set(wait: CardWait | null): void {
    this.#last = this.#last
      .then(() =>
        wait === null
          ? rm(this.#path, { force: true })
          : writeDurably(this.#path, JSON.stringify(wait), { mode: sharedFileMode }),
      )
      .catch(() => undefined);
  }

  /** Removes the file, and resolves when that is done. */
  async end(): Promise<void> {
    this.set(null);
    await this.#last;
  }
}
