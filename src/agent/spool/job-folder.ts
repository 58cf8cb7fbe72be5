import { dirname, join } from "node:path";
import { ignoring } from "../../base/missing-file.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import type { Job } from "../../protocol/schemas/jobs.ts";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import { readValue, writeChecked } from "./checked-file.ts";
import { ignoringDisk, type SpoolFiles } from "./files.ts";
import type { PartCipher } from "./part-cipher.ts";
import { PartStore } from "./part-store.ts";
import { intoPieces } from "./pieces.ts";
import type {
  SpooledCompletion,
  SpooledJob,
  SpooledNote,
  SpooledPlan,
  SpooledReading,
  SpooledShard,
  SpooledShards,
} from "./schemas.ts";
import { validators } from "./validators.ts";

/** The parts of the spool that a job's folder uses. */
export interface FolderParts {
  files: SpoolFiles;
  cipher: PartCipher;
  /** Waits until there is room for a part of `bytes` bytes. */
  room(bytes: number, signal: AbortSignal): Promise<void>;
}

type Mark = "acknowledged" | "stopped";
/** More notes show no more about the progress of a job, and each costs a file. */
const mostNotes = 200;
const never = new AbortController().signal;

/**
 * spool/jobs/JOB-ATTEMPT/: files that are each written once and whole. The files that exist show how
 * far the job is, so that it continues from there after a crash at any point.
 */
export class JobFolder {
  readonly path: string;
  readonly job: Job;
  readonly receivedAt: number;
  readonly parts: PartStore;
  readonly #spool: FolderParts;
  readonly #marks = new Set<Mark>();
  #notes: number[] = [];
  /** Shards end at the same time, and each part needs a number of its own. */
  readonly #writing = new SerialQueue();

  private constructor(path: string, { job, receivedAt }: SpooledJob, spool: FolderParts) {
    this.path = path;
    this.job = job;
    this.receivedAt = receivedAt;
    this.#spool = spool;
    const attempt = { jobId: job.id, attempt: job.attempt };
    this.parts = new PartStore(path, attempt, spool.files, spool.cipher);
  }

  static async create(path: string, spooled: SpooledJob, spool: FolderParts): Promise<JobFolder> {
    const folder = new JobFolder(path, spooled, spool);
    await folder.#open();
    await writeChecked(spool.files, join(path, "job.json"), spooled);
    return folder;
  }

  /**
   * Null when job.json cannot be read: the job was never acknowledged, or the platform will give it
   * out again.
   */
  static async open(path: string, spool: FolderParts): Promise<JobFolder | null> {
    const spooled = await readValue(spool.files, join(path, "job.json"), validators.SpooledJob);
    if (!spooled) return null;
    const folder = new JobFolder(path, spooled, spool);
    await folder.#open();
    return folder;
  }

  /** Removes the folder. Renames it first, so that a crash leaves nothing that looks like a job. */
  async remove(): Promise<void> {
    const trash = join(dirname(this.path), `.removed-${this.job.id}-${this.job.attempt}`);
    const { files } = this.#spool;
    await files.removeFolder(trash);
    await files.move(this.path, trash);
    await files.removeFolder(trash);
  }

  has(mark: Mark): boolean {
    return this.#marks.has(mark);
  }

  /**
   * Sets the mark at once. Rejects when it could not be made durable; it then holds until this
   * process ends.
   */
  async mark(mark: Mark): Promise<void> {
    this.#marks.add(mark);
    await this.#spool.files.write(join(this.path, mark), "");
  }

  plan = (): Promise<SpooledPlan | null> => this.#read("plan.json", validators.SpooledPlan);
  writePlan = (plan: SpooledPlan): Promise<void> => this.#write("plan.json", plan);
  shardsOf = (phase: "ports" | "services"): Promise<SpooledShards | null> =>
    this.#read(`${phase}.json`, validators.SpooledShards);
  writeShardsOf = (phase: "ports" | "services", shards: SpooledShards): Promise<void> =>
    this.#write(`${phase}.json`, shards);
  /** The shards that a shard was divided into; null when it was not. */
  split = (number: number): Promise<SpooledShards | null> =>
    this.#read(join("splits", `${number}.json`), validators.SpooledShards);
  writeSplit = (number: number, shards: SpooledShards): Promise<void> =>
    this.#write(join("splits", `${number}.json`), shards);
  shard = (number: number): Promise<SpooledShard | null> =>
    this.#read(join("shards", `${number}.json`), validators.SpooledShard);

  /**
   * Notes that a try's output is being read. Returns how often that was begun and not ended: by an
   * agent that was killed, or that the output itself brought down.
   */
  async beginReading(shard: number, tryNumber: number): Promise<number> {
    const name = join("reading", `${shard}.json`);
    const earlier = await this.#read<SpooledReading>(name, validators.SpooledReading);
    const before = earlier?.tryNumber === tryNumber ? earlier.begun : 0;
    await this.#write(name, { tryNumber, begun: before + 1 });
    return before;
  }

  /**
   * Resolves or rejects as `work` does, which reads a shard's output and puts what came of it on the
   * disk. The note of it then goes: it stays only if the agent did not get there.
   */
  async untilRead<T>(shard: number, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      await this.#spool.files
        .remove(join(this.path, "reading", `${shard}.json`))
        .catch(ignoring("a job that was given up has no folder; else the next reading is careful"));
    }
  }

  /** @returns the record as it was written: with the numbers of the shard's parts */
  async writeShard(record: Omit<SpooledShard, "parts">): Promise<SpooledShard> {
    const shard = { ...record, parts: this.parts.numbersOf(record.shard) };
    await this.#write(join("shards", `${shard.shard}.json`), shard);
    return shard;
  }

  async completion(): Promise<SpooledCompletion | null> {
    const completion = await this.#read("completion.json", validators.SpooledCompletion);
    if (completion) this.parts.expect(completion.partCount);
    return completion;
  }

  async writeCompletion(completion: Omit<SpooledCompletion, "partCount">): Promise<void> {
    await this.#expectRecorded();
    await this.#write("completion.json", { ...completion, partCount: this.parts.count });
  }

  /**
   * Writes a shard's hosts as parts, durably. A part that was written before a crash is not written
   * again.
   */
  writeParts(
    shard: number,
    hosts: readonly HostObservation[],
    signal: AbortSignal = never,
  ): Promise<void> {
    return this.#writing.run(() => this.#writeParts(shard, hosts, signal));
  }

  /** Writes a note of how far the job is, unless the disk refuses it. */
  async note(note: SpooledNote): Promise<void> {
    if (this.#notes.length >= mostNotes) await this.dropOldestNote();
    const number = (this.#notes.at(-1) ?? -1) + 1;
    this.#notes.push(number);
    await this.#write(join("notes", `${number}.json`), note).catch(
      ignoringDisk("a note only shows progress"),
    );
  }

  async notes(): Promise<SpooledNote[]> {
    const notes: SpooledNote[] = [];
    for (const number of this.#notes) {
      const note = await this.#read(join("notes", `${number}.json`), validators.SpooledNote);
      if (note) notes.push(note);
    }
    return notes;
  }

  /** False when there is no note left. */
  async dropOldestNote(): Promise<boolean> {
    const number = this.#notes.shift();
    if (number === undefined) return false;
    await this.#spool.files.remove(join(this.path, "notes", `${number}.json`));
    return true;
  }

  async #writeParts(
    shard: number,
    hosts: readonly HostObservation[],
    signal: AbortSignal,
  ): Promise<void> {
    const pieces = intoPieces(hosts);
    for (const [piece, some] of pieces.entries()) {
      if (this.parts.has(shard, piece)) continue;
      await this.parts.add(shard, piece, some, (bytes) => this.#spool.room(bytes, signal));
    }
  }

  /** A part that a shard's record names was given out, even when its file is gone. */
  async #expectRecorded(): Promise<void> {
    for (const name of await this.#spool.files.list(join(this.path, "shards"))) {
      const record = await this.#read(join("shards", name), validators.SpooledShard);
      for (const number of record?.parts ?? []) this.parts.expect(number + 1);
    }
  }

  async #open(): Promise<void> {
    const { files } = this.#spool;
    for (const folder of ["shards", "splits", "notes", "reading"])
      await files.makeFolder(join(this.path, folder));
    await this.parts.open();
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
    return readValue(this.#spool.files, join(this.path, name), validate);
  }

  #write(name: string, value: unknown): Promise<void> {
    return writeChecked(this.#spool.files, join(this.path, name), value);
  }
}
