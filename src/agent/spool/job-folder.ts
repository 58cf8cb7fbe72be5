import { dirname, join } from "node:path";
import type { Job } from "../../protocol/schemas/jobs.ts";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import { readValue, writeChecked } from "./checked-file.ts";
import type { SpoolFiles } from "./files.ts";
import type { PartCipher } from "./part-cipher.ts";
import { PartStore } from "./part-store.ts";
import { intoPieces } from "./pieces.ts";
import type {
  SpooledCompletion,
  SpooledJob,
  SpooledNote,
  SpooledPlan,
  SpooledShard,
  SpooledShards,
} from "./schemas.ts";
import { validators } from "./validators.ts";

/** What a job's folder needs of the spool that it lies in. */
export interface FolderParts {
  files: SpoolFiles;
  cipher: PartCipher;
  /** Waits until a part of so many bytes has room. */
  room(bytes: number, signal: AbortSignal): Promise<void>;
}

type Mark = "acknowledged" | "stopped";
/** More of them say no more; each costs a file. */
const mostNotes = 200;
const never = new AbortController().signal;

/**
 * spool/jobs/JOB-ATTEMPT/: files that are each written once and whole. What is there says how far
 * the job is, so that it goes on from there after a crash at any point.
 */
export class JobFolder {
  readonly path: string;
  readonly job: Job;
  readonly receivedAt: number;
  /** Parts, receipts, losses. */
  readonly shelf: PartStore;
  readonly #parts: FolderParts;
  readonly #marks = new Set<Mark>();
  #notes: number[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, { job, receivedAt }: SpooledJob, parts: FolderParts) {
    this.path = path;
    this.job = job;
    this.receivedAt = receivedAt;
    this.#parts = parts;
    this.shelf = new PartStore(
      path,
      { jobId: job.id, attempt: job.attempt },
      parts.files,
      parts.cipher,
    );
  }

  static async create(path: string, spooled: SpooledJob, parts: FolderParts): Promise<JobFolder> {
    const folder = new JobFolder(path, spooled, parts);
    await folder.#open();
    await writeChecked(parts.files, join(path, "job.json"), spooled);
    return folder;
  }

  /**
   * Null when there is no job that can be read: it was never acknowledged, or the platform will
   * give it out again.
   */
  static async open(path: string, parts: FolderParts): Promise<JobFolder | null> {
    const spooled = await readValue(parts.files, join(path, "job.json"), validators.SpooledJob);
    if (!spooled) return null;
    const folder = new JobFolder(path, spooled, parts);
    await folder.#open();
    return folder;
  }

  /**
   * Removes all of it. Renamed first, so that a crash in the middle leaves nothing that looks like
   * a job.
   */
  async remove(): Promise<void> {
    const trash = join(dirname(this.path), `.removed-${this.job.id}-${this.job.attempt}`);
    const { files } = this.#parts;
    await files.removeFolder(trash);
    await files.move(this.path, trash);
    await files.removeFolder(trash);
  }

  has(mark: Mark): boolean {
    return this.#marks.has(mark);
  }

  /**
   * It holds from now on; when it could not be made durable this rejects, and it is forgotten with
   * this process.
   */
  async mark(mark: Mark): Promise<void> {
    this.#marks.add(mark);
    await this.#parts.files.write(join(this.path, mark), "");
  }

  plan = (): Promise<SpooledPlan | null> => this.#read("plan.json", validators.SpooledPlan);
  writePlan = (plan: SpooledPlan): Promise<void> => this.#write("plan.json", plan);
  serviceShards = (): Promise<SpooledShards | null> =>
    this.#read("services.json", validators.SpooledShards);
  writeServiceShards = (shards: SpooledShards): Promise<void> =>
    this.#write("services.json", shards);
  shard = (number: number): Promise<SpooledShard | null> =>
    this.#read(join("shards", `${number}.json`), validators.SpooledShard);

  /** @returns the record as it was written: with the numbers of the shard's parts */
  async writeShard(record: Omit<SpooledShard, "parts">): Promise<SpooledShard> {
    const shard = { ...record, parts: this.shelf.numbersOf(record.shard) };
    await this.#write(join("shards", `${shard.shard}.json`), shard);
    return shard;
  }

  async completion(): Promise<SpooledCompletion | null> {
    const completion = await this.#read("completion.json", validators.SpooledCompletion);
    if (completion) this.shelf.expect(completion.partCount);
    return completion;
  }

  async writeCompletion(completion: Omit<SpooledCompletion, "partCount">): Promise<void> {
    await this.#expectRecorded();
    await this.#write("completion.json", { ...completion, partCount: this.shelf.count });
  }

  /**
   * The shard's hosts as parts, safe on disk when this returns. What was written before a crash is
   * not written again.
   */
  writeParts(
    shard: number,
    hosts: readonly HostObservation[],
    signal: AbortSignal = never,
  ): Promise<void> {
    // Shards end at the same time, and each part needs a number of its own: one after the other.
    const written = this.#writing.then(() => this.#writeParts(shard, hosts, signal));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /** Notes how far the job is. Where there is no space for that, it is left out. */
  async note(note: SpooledNote): Promise<void> {
    if (this.#notes.length >= mostNotes) await this.dropOldestNote();
    const number = (this.#notes.at(-1) ?? -1) + 1;
    this.#notes.push(number);
    await this.#write(join("notes", `${number}.json`), note).catch(() => undefined);
  }

  async notes(): Promise<SpooledNote[]> {
    const notes: SpooledNote[] = [];
    for (const number of this.#notes) {
      const note = await this.#read(join("notes", `${number}.json`), validators.SpooledNote);
      if (note) notes.push(note);
    }
    return notes;
  }

  /** False when there is none. */
  async dropOldestNote(): Promise<boolean> {
    const number = this.#notes.shift();
    if (number === undefined) return false;
    await this.#parts.files.remove(join(this.path, "notes", `${number}.json`));
    return true;
  }

  async #writeParts(
    shard: number,
    hosts: readonly HostObservation[],
    signal: AbortSignal,
  ): Promise<void> {
    const pieces = intoPieces(hosts);
    for (const [piece, some] of pieces.entries()) {
      if (this.shelf.has(shard, piece)) continue;
      await this.shelf.add(shard, piece, some, (bytes) => this.#parts.room(bytes, signal));
    }
  }

  /** Parts that a record names were given out, whether or not their files are still there. */
  async #expectRecorded(): Promise<void> {
    for (const name of await this.#parts.files.list(join(this.path, "shards"))) {
      const record = await this.#read(join("shards", name), validators.SpooledShard);
      for (const number of record?.parts ?? []) this.shelf.expect(number + 1);
    }
  }

  async #open(): Promise<void> {
    const { files } = this.#parts;
    for (const folder of ["shards", "notes"]) await files.makeFolder(join(this.path, folder));
    await this.shelf.open();
    await this.#expectRecorded();
    const names = await files.list(this.path);
    for (const mark of ["acknowledged", "stopped"] as const)
      if (names.includes(mark)) this.#marks.add(mark);
    const notes = await files.list(join(this.path, "notes"));
    this.#notes = notes
      .flatMap((name) => /^(\d{1,7})\.json$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  #read<T>(name: string, validate: Parameters<typeof readValue<T>>[2]): Promise<T | null> {
    return readValue(this.#parts.files, join(this.path, name), validate);
  }

  #write(name: string, value: unknown): Promise<void> {
    return writeChecked(this.#parts.files, join(this.path, name), value);
  }
}
