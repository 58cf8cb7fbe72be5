import { readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolderDurably, removeDurably, syncFolder, writeDurably } from "../../base/durable-file.ts";
import type { Job } from "../../protocol/schemas/jobs.ts";
import type { HostObservation, ResultPart } from "../../protocol/schemas/results.ts";
import { validators } from "../validators.ts";
import { type Checked, readChecked, readStored, sha256, writeChecked, writeStored } from "./checked-file.ts";
import type { SpooledCompletion, SpooledJob, SpooledPlan, SpooledReceipt, SpooledShard, SpooledShards } from "./schemas.ts";

/** A result part that waits to be sent. Its name says all that must be known of it, its content is what is sent, byte for byte. */
export interface WaitingPart {
  number: number;
  shard: number;
  /** Pieces of one shard's result, when it is too large for one part. */
  piece: number;
  sha256: string;
  path: string;
}

/** A part's JSON stays below this, so that paths with a limit for uploads let it through; a single host may be larger. */
const usualPartBytes = 1_000_000;
/** The platform takes parts of up to 8 MiB. */
const largestHostBytes = 6_000_000;

/**
 * spool/jobs/JOB-ATTEMPT/: files that are each written once and whole. What is there says how far the job is, so that it goes on
 * from there after a crash at any point.
 */
export class JobFolder {
  readonly path: string;
  readonly job: Job;
  readonly receivedAt: number;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, { job, receivedAt }: SpooledJob) {
    this.path = path;
    this.job = job;
    this.receivedAt = receivedAt;
  }

  static async create(path: string, spooled: SpooledJob): Promise<JobFolder> {
    for (const folder of ["parts", "receipts", "shards"]) await makeFolderDurably(join(path, folder));
    await writeChecked(join(path, "job.json"), spooled);
    return new JobFolder(path, spooled);
  }

  /** Null when there is no job that can be read: it was never acknowledged, or the platform will give it out again. */
  static async open(path: string): Promise<JobFolder | null> {
    const read = await readChecked(join(path, "job.json"), validators.SpooledJob);
    if (read.kind !== "value") return null;
    for (const folder of ["parts", "receipts", "shards"]) await makeFolderDurably(join(path, folder));
    return new JobFolder(path, read.value);
  }

  /** Removes all of it. Renamed first, so that a crash in the middle leaves nothing that looks like a job. */
  async remove(): Promise<void> {
    const trash = join(dirname(this.path), `.removed-${this.job.id}-${this.job.attempt}`);
    await rm(trash, { recursive: true, force: true });
    await rename(this.path, trash);
    await syncFolder(dirname(this.path));
    await rm(trash, { recursive: true, force: true });
  }

  isAcknowledged = (): Promise<boolean> => this.#hasMark("acknowledged");
  markAcknowledged = (): Promise<void> => this.#mark("acknowledged");
  isStopped = (): Promise<boolean> => this.#hasMark("stopped");
  markStopped = (): Promise<void> => this.#mark("stopped");

  async plan(): Promise<SpooledPlan | null> {
    return contentOf(await readChecked(join(this.path, "plan.json"), validators.SpooledPlan));
  }

  async writePlan(plan: SpooledPlan): Promise<void> {
    await writeChecked(join(this.path, "plan.json"), plan);
  }

  async serviceShards(): Promise<SpooledShards | null> {
    return contentOf(await readChecked(join(this.path, "services.json"), validators.SpooledShards));
  }

  async writeServiceShards(shards: SpooledShards): Promise<void> {
    await writeChecked(join(this.path, "services.json"), shards);
  }

  async shard(number: number): Promise<SpooledShard | null> {
    return contentOf(await readChecked(join(this.path, "shards", `${number}.json`), validators.SpooledShard));
  }

  async writeShard(shard: SpooledShard): Promise<void> {
    await writeChecked(join(this.path, "shards", `${shard.shard}.json`), shard);
  }

  async completion(): Promise<SpooledCompletion | null> {
    return contentOf(await readChecked(join(this.path, "completion.json"), validators.SpooledCompletion));
  }

  async writeCompletion(completion: SpooledCompletion): Promise<void> {
    await writeChecked(join(this.path, "completion.json"), completion);
  }

  /** The shard's hosts as parts, safe on disk when this returns. What was written before a crash is not written again. */
  writeParts(shard: number, hosts: readonly HostObservation[]): Promise<void> {
    // Shards end at the same time, and each part needs a number of its own: one after the other.
    const written = this.#writing.then(() => this.#writeParts(shard, hosts));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #writeParts(shard: number, hosts: readonly HostObservation[]): Promise<void> {
    const pieces = intoPieces(hosts);
    for (const [piece, some] of pieces.entries()) {
      const names = await this.#partNames();
      if (names.some((name) => name.shard === shard && name.piece === piece)) continue;
      const number = names.reduce((next, name) => Math.max(next, name.number + 1), 0);
      await this.#writePart(number, shard, piece, some);
    }
  }

  async waitingParts(): Promise<WaitingPart[]> {
    const receipts = await this.receipts();
    return (await this.#partNames()).filter(({ number, path }) => path !== "" && !receipts.has(number)).sort((a, b) => a.number - b.number);
  }

  /** The part's bytes; null when they are not what they were. */
  async readPart(part: WaitingPart): Promise<Uint8Array | null> {
    const content = await readStored(part.path).catch(() => null);
    return content !== null && sha256(content) === part.sha256 ? content : null;
  }

  /** Puts a part without hosts in the place of a damaged one, and keeps in mind that something is missing. */
  async replaceDamagedPart(part: WaitingPart): Promise<void> {
    await this.noteDamage(part.number);
    await this.#writePart(part.number, part.shard, part.piece, []);
    if (part.path !== "") await removeDurably(part.path);
  }

  async noteDamage(number: number): Promise<void> {
    await this.#mark(`damaged-${number}`);
  }

  async damagedParts(): Promise<number[]> {
    return (await readdir(this.path)).flatMap((name) => (/^damaged-\d+$/.test(name) ? [Number(name.slice(8))] : [])).sort((a, b) => a - b);
  }

  /** The receipt first, then the part goes: in this order a crash costs at most that the part is sent once more. */
  async acceptReceipt(part: WaitingPart, receipt: SpooledReceipt): Promise<void> {
    await writeChecked(this.#receiptPath(part), receipt);
    if (part.path !== "") await removeDurably(part.path);
  }

  async receivedParts(): Promise<WaitingPart[]> {
    return (await this.#partNames()).filter(({ path }) => path === "");
  }

  /** A part that went by its receipt, and is at the platform no more, is replaced by one without hosts. */
  async takeBackReceipt(part: WaitingPart): Promise<void> {
    await this.replaceDamagedPart(part);
    await removeDurably(this.#receiptPath(part));
  }

  /** Receipts by part number. A damaged one is dropped: the part is then asked for at the platform. */
  async receipts(): Promise<Map<number, SpooledReceipt>> {
    const receipts = new Map<number, SpooledReceipt>();
    for (const name of await readdir(join(this.path, "receipts"))) {
      if (!/^\d+-\d+-\d+\.json$/.test(name)) continue;
      const read = await readChecked(join(this.path, "receipts", name), validators.SpooledReceipt);
      if (read.kind === "value") receipts.set(read.value.number, read.value);
    }
    return receipts;
  }

  /** Numbers for which there is neither a part nor a receipt that can be read, among those that were ever given out. */
  async lostNumbers(): Promise<WaitingPart[]> {
    const receipts = await this.receipts();
    const names = await this.#partNames();
    return names.filter(({ number, path }) => path === "" && !receipts.has(number) && !names.some((other) => other.number === number && other.path !== ""));
  }

  async #writePart(number: number, shard: number, piece: number, hosts: readonly HostObservation[]): Promise<void> {
    const part: ResultPart = { jobId: this.job.id, attempt: this.job.attempt, number, hosts: [...hosts] };
    const content = Buffer.from(JSON.stringify(part));
    await writeStored(join(this.path, "parts", `${number}-${shard}-${piece}-${sha256(content)}.json`), content);
  }

  #receiptPath({ number, shard, piece }: WaitingPart): string {
    return join(this.path, "receipts", `${number}-${shard}-${piece}.json`);
  }

  /** All numbers given out so far: those of parts, and with an empty path those of receipts. */
  async #partNames(): Promise<WaitingPart[]> {
    const names: WaitingPart[] = [];
    for (const name of await readdir(join(this.path, "parts"))) {
      const read = /^(\d+)-(\d+)-(\d+)-([0-9a-f]{64})\.json$/.exec(name);
      if (read)
        names.push({ number: Number(read[1]), shard: Number(read[2]), piece: Number(read[3]), sha256: read[4] ?? "", path: join(this.path, "parts", name) });
    }
    for (const name of await readdir(join(this.path, "receipts"))) {
      const read = /^(\d+)-(\d+)-(\d+)\.json$/.exec(name);
      if (read) names.push({ number: Number(read[1]), shard: Number(read[2]), piece: Number(read[3]), sha256: "", path: "" });
    }
    return names;
  }

  async #mark(name: string): Promise<void> {
    await writeDurably(join(this.path, name), "");
  }

  async #hasMark(name: string): Promise<boolean> {
    return (await readdir(this.path)).includes(name);
  }
}

function contentOf<T>(read: Checked<T>): T | null {
  return read.kind === "value" ? read.value : null;
}

/** One that answers on every port, as a tarpit does, keeps its ports; what they say of their services is made up anyway. */
function fitted(host: HostObservation): HostObservation {
  if (sizeOf(host) <= largestHostBytes) return host;
  return { ...host, ports: host.ports.map(({ service: _service, ...port }) => port) };
}

function sizeOf(host: HostObservation): number {
  return Buffer.byteLength(JSON.stringify(host));
}

/** Always at least one piece, so that each shard has its part even when all its hosts went away. */
function intoPieces(hosts: readonly HostObservation[]): HostObservation[][] {
  const pieces: HostObservation[][] = [[]];
  let bytes = 0;
  for (const host of hosts.map(fitted)) {
    const size = sizeOf(host);
    if (bytes > 0 && bytes + size > usualPartBytes) {
      pieces.push([]);
      bytes = 0;
    }
    pieces.at(-1)?.push(host);
    bytes += size;
  }
  return pieces;
}
