import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolderDurably } from "../../base/durable-file.ts";
import type { Log } from "../../base/log.ts";
import type { Job } from "../../protocol/schemas/jobs.ts";
import { validators } from "../validators.ts";
import { readChecked, writeChecked } from "./checked-file.ts";
import { JobFolder } from "./job-folder.ts";
import type { LastScan } from "./schemas.ts";

/** /data/outrider/spool: what must not be lost. */
export class Spool {
  readonly #folder: string;
  readonly #log: Log;
  readonly #jobs = new Map<string, JobFolder>();

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Reads what is there, once, at start. */
  async open(): Promise<void> {
    await makeFolderDurably(join(this.#folder, "jobs"));
    for (const name of await readdir(join(this.#folder, "jobs"))) {
      const path = join(this.#folder, "jobs", name);
      const folder = name.startsWith(".") ? null : await JobFolder.open(path);
      if (folder) this.#jobs.set(keyOf(folder.job), folder);
      else {
        if (!name.startsWith(".")) this.#log.warning("a stored job is damaged; the platform gives it out again", { job: name });
        await rm(path, { recursive: true, force: true });
      }
    }
  }

  /** In the order in which they came. */
  jobs(): JobFolder[] {
    return [...this.#jobs.values()].sort((a, b) => a.receivedAt - b.receivedAt || a.job.createdAt - b.job.createdAt);
  }

  find(job: Pick<Job, "id" | "attempt">): JobFolder | undefined {
    return this.#jobs.get(keyOf(job));
  }

  /** The job is safe on disk when this returns. */
  async add(job: Job, receivedAt: number): Promise<JobFolder> {
    const folder = await JobFolder.create(join(this.#folder, "jobs", keyOf(job)), { job, receivedAt });
    this.#jobs.set(keyOf(job), folder);
    return folder;
  }

  async remove(folder: JobFolder): Promise<void> {
    this.#jobs.delete(keyOf(folder.job));
    await folder.remove();
  }

  async lastScan(): Promise<LastScan | null> {
    const read = await readChecked(join(this.#folder, "last-scan.json"), validators.LastScan);
    return read.kind === "value" ? read.value : null;
  }

  async writeLastScan(scan: LastScan): Promise<void> {
    await writeChecked(join(this.#folder, "last-scan.json"), scan);
  }
}

/** Names one attempt of a job. */
export function keyOf({ id, attempt }: Pick<Job, "id" | "attempt">): string {
  return `${id}-${attempt}`;
}
