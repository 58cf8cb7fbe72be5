import { join } from "node:path";
import type { Log } from "../../base/log.ts";
import { asOutriderError, type OutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import type { Job } from "../../protocol/schemas/jobs.ts";
import { Budget, type SpoolFigures } from "./budget.ts";
import { readValue, unlessDamaged, writeChecked } from "./checked-file.ts";
import { CommandStore } from "./command-store.ts";
import { diskFiles, hasSpace, type SpoolFiles } from "./files.ts";
import { type FolderParts, JobFolder } from "./job-folder.ts";
import { PartCipher } from "./part-cipher.ts";
import type { LastScan } from "./schemas.ts";
import { validators } from "./validators.ts";

export interface SpoolParts {
  log: Log;
  random: Pick<Random, "bytes">;
  /** Of this box, 32 bytes: parts lie encrypted with it. */
  key: Uint8Array;
  /** What may lie in it. */
  limitBytes: number;
  files?: SpoolFiles;
}

/**
 * /data/outrider/spool: what must not be lost. It is bounded: when it is full, notes of progress
 * go, the oldest first; results never. New jobs are then left at the platform, and what running
 * ones find waits until older parts have gone up.
 */
export class Spool {
  /** Called when the figures changed. */
  changed: () => void = () => undefined;
  readonly #folder: string;
  readonly #log: Log;
  readonly #budget: Budget;
  readonly #forFolders: FolderParts;
  readonly #jobs = new Map<string, JobFolder>();
  readonly commands: CommandStore;

  constructor(folder: string, parts: SpoolParts) {
    this.#folder = folder;
    this.#log = parts.log;
    this.#budget = new Budget(parts.files ?? diskFiles(), parts.limitBytes, () => this.changed());
    this.#budget.giveUp = () => this.#dropOldestNote();
    this.commands = new CommandStore(join(folder, "commands"), this.#budget);
    this.#forFolders = {
      files: this.#budget,
      cipher: new PartCipher(parts.key, parts.random),
      room: (bytes, signal) => this.#budget.room(bytes, signal),
    };
  }

  /**
   * Reads what is there, once, at start. What the disk cannot read of it keeps nothing else from
   * going on.
   */
  async open(): Promise<void> {
    const files = this.#budget;
    const jobs = join(this.#folder, "jobs");
    const damaged = ({ code, detail }: OutriderError) =>
      this.#log.error("something in the spool cannot be read", { code, detail });
    await files.makeFolder(jobs);
    await files.open(this.#folder);
    await unlessDamaged(this.commands.open(), null, damaged);
    for (const name of await unlessDamaged(files.list(jobs), [], damaged)) {
      const path = join(jobs, name);
      if (name.startsWith(".")) {
        await this.#discard(path);
        continue;
      }
      const folder = await unlessDamaged(JobFolder.open(path, this.#forFolders), null, damaged);
      if (folder) {
        this.#jobs.set(keyOf(folder.job), folder);
        continue;
      }
      this.#log.warning("a stored job is damaged; the platform gives it out again", { job: name });
      // When it comes again its folder has to be free, also where the disk cannot remove this one.
      const remains = join(jobs, `.removed-${name}`);
      await files.move(path, remains).catch(() => undefined);
      for (const left of [remains, path]) await this.#discard(left);
    }
  }

  async #discard(path: string): Promise<void> {
    try {
      await this.#budget.removeFolder(path);
    } catch (error) {
      this.#log.warning("what is left of a job cannot be removed", {
        path,
        message: asOutriderError(error).message,
      });
    }
  }

  get waitingParts(): number {
    let parts = 0;
    for (const folder of this.#jobs.values()) parts += folder.shelf.waitingCount;
    return parts;
  }

  get figures(): SpoolFigures {
    return this.#budget.figures;
  }

  /** Whether a new job can be taken. */
  async takesJobs(): Promise<boolean> {
    if (this.#budget.diskFull && !(await hasSpace(this.#budget, join(this.#folder, "probe"))))
      return false;
    while (this.#budget.figures.full && (await this.#dropOldestNote()));
    return !this.#budget.figures.full;
  }

  /** In the order in which they came. */
  jobs(): JobFolder[] {
    return [...this.#jobs.values()].sort(
      (a, b) => a.receivedAt - b.receivedAt || a.job.createdAt - b.job.createdAt,
    );
  }

  find(job: Pick<Job, "id" | "attempt">): JobFolder | undefined {
    return this.#jobs.get(keyOf(job));
  }

  /** The job is safe on disk when this returns; when it rejects nothing of it is there. */
  async add(job: Job, receivedAt: number): Promise<JobFolder> {
    const path = join(this.#folder, "jobs", keyOf(job));
    try {
      const folder = await JobFolder.create(path, { job, receivedAt }, this.#forFolders);
      this.#jobs.set(keyOf(job), folder);
      return folder;
    } catch (error) {
      await this.#budget.removeFolder(path).catch(() => undefined);
      throw error;
    }
  }

  async remove(folder: JobFolder): Promise<void> {
    this.#jobs.delete(keyOf(folder.job));
    await folder.remove();
  }

  lastScan(): Promise<LastScan | null> {
    return readValue(this.#budget, join(this.#folder, "last-scan.json"), validators.LastScan);
  }

  async writeLastScan(scan: LastScan): Promise<void> {
    await writeChecked(this.#budget, join(this.#folder, "last-scan.json"), scan);
  }

  async #dropOldestNote(): Promise<boolean> {
    for (const folder of this.jobs()) if (await folder.dropOldestNote()) return true;
    return false;
  }
}

/** Names one attempt of a job. */
export function keyOf({ id, attempt }: Pick<Job, "id" | "attempt">): string {
  return `${id}-${attempt}`;
}
