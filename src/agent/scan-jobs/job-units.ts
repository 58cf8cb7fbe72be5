import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";

export interface JobUnitsParts {
  configd: ConfigdClient;
  clock: Clock;
  /** /data/outrider/scan */
  scanFolder: string;
}

const configdRetryMs = 1000;
const mostTries = 10;

/** The part of a job outside of the spool: its shards' units, and the folder shared with them. */
export class JobUnits {
  readonly #parts: JobUnitsParts;

  constructor(parts: JobUnitsParts) {
    this.#parts = parts;
  }

  /**
   * Has configd stop the job's shards. Waits some seconds for a configd that is being restarted:
   * otherwise a shard would go on scanning after the job was stopped. Never rejects.
   */
  async stop(jobId: string): Promise<void> {
    for (let tries = 0; tries < mostTries; tries++) {
      try {
        await this.#parts.configd.call("stopJob", { jobId });
        return;
      } catch (error) {
        if (asOutriderError(error).code !== "configd-unreachable") return;
        await this.#parts.clock.sleep(configdRetryMs);
      }
    }
  }

  async removeFolder(jobId: string): Promise<void> {
    await rm(this.#folder(jobId), { recursive: true, force: true });
  }

  #folder(jobId: string): string {
    return join(this.#parts.scanFolder, jobId);
  }
}
