import { join } from "node:path";
import type { Log } from "../../base/log.ts";
import { asOutriderError, type OutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import type { Job } from "../../protocol/schemas/jobs.ts";
import { Budget, type SpoolFigures } from "./budget.ts";
import { readValue, unlessDamaged, writeChecked } from "./checked-file.ts";
import { CommandStore } from "./command-store.ts";
import { diskFiles, hasSpace, ignoringDisk, type SpoolFiles } from "./files.ts";
import { type FolderParts, JobFolder } from "./job-folder.ts";
import type { SpooledOutage } from "./outage-schema.ts";
import { PartCipher } from "./part-cipher.ts";
import type { LastScan } from "./schemas.ts";
import { validators } from "./validators.ts";

export interface SpoolParts {
  log: Log;
  random: Pick<Random, "bytes">;
  /** The appliance's key of 32 bytes, with which parts are encrypted. */
  key: Uint8Array;
  /** How much the spool may hold. */
  limitBytes: number;
  files?: SpoolFiles;
}

/**
 * /data/outrider/spool: jobs and results that the platform has not confirmed. Its size is limited.
 * When it is full it drops progress notes, the oldest first, and never results; it takes no new job,
 * and the results of running jobs wait until older parts are uploaded.
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

  /** Reads the folder, once, at start. A damaged file costs only what is in it. */
  async open(): Promise<void> {
    const files = this.#budget;
    const jobs = join(this.#folder, "jobs");
    const damaged = ({ code, detail }: OutriderError) =>
      this.#log.error("spool file unreadable", { code, detail });
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
      this.#log.warning("stored job damaged; the platform sends it again", { job: name });
      // The job needs this folder when it comes again, even if the disk cannot remove the old one.
      const remains = join(jobs, `.removed-${name}`);
      await files.move(path, remains).catch(ignoringDisk("it is then removed where it is"));
      for (const left of [remains, path]) await this.#discard(left);
    }
  }

  async #discard(path: string): Promise<void> {
    try {
      await this.#budget.removeFolder(path);
    } catch (error) {
      this.#log.warning("job folder removal failed", {
        path,
        message: asOutriderError(error).message,
      });
    }
  }

  get waitingParts(): number {
    let parts = 0;
    for (const folder of this.#jobs.values()) parts += folder.parts.waitingCount;
    return parts;
  }

  get figures(): SpoolFigures {
    return this.#budget.figures;
  }

  /** Whether there is room for a new job. */
  async takesJobs(): Promise<boolean> {
    if (this.#budget.diskFull && !(await hasSpace(this.#budget, join(this.#folder, "probe"))))
      return false;
    while (this.#budget.figures.full && (await this.#dropOldestNote()));
    return !this.#budget.figures.full;
  }

  /** In the order in which they were received. */
  jobs(): JobFolder[] {
    return [...this.#jobs.values()].sort(
      (a, b) => a.receivedAt - b.receivedAt || a.job.createdAt - b.job.createdAt,
    );
  }

  find(job: Pick<Job, "id" | "attempt">): JobFolder | undefined {
    return this.#jobs.get(keyOf(job));
  }

  /** Stores a job durably. When this rejects, nothing of the job is left. */
  async add(job: Job, receivedAt: number): Promise<JobFolder> {
    const path = join(this.#folder, "jobs", keyOf(job));
    try {
      const folder = await JobFolder.create(path, { job, receivedAt }, this.#forFolders);
      this.#jobs.set(keyOf(job), folder);
      return folder;
    } catch (error) {
      await this.#budget.removeFolder(path).catch(ignoringDisk("the first error is reported"));
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

  lastOutage(): Promise<SpooledOutage | null> {
    return readValue(this.#budget, join(this.#folder, "outage.json"), validators.SpooledOutage);
  }

  async writeOutage(outage: SpooledOutage): Promise<void> {
    await writeChecked(this.#budget, join(this.#folder, "outage.json"), outage);
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
