import { join } from "node:path";
import { release } from "../../base/release.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import type { HostObservation, ResultPart } from "../../protocol/schemas/results.ts";
import { sha256, unlessDamaged } from "./checked-file.ts";
import type { SpoolFiles } from "./files.ts";
import { type PartCipher, sealedBytes } from "./part-cipher.ts";
import {
  type PartName,
  partFileName,
  readPartName,
  readReceiptName,
  receiptFileName,
} from "./part-name.ts";
import { PartNumbers } from "./part-numbers.ts";
import type { SpooledReceipt } from "./schemas.ts";
import { Slices } from "./slices.ts";
import { type PartSize, type Slice, sizeOf, sliceOf } from "./slicing.ts";

/**
 * A result part that waits for its upload: a stored part, or a slice of one that was too large for
 * the path.
 */
export interface WaitingPart extends PartName {
  /** Number of the stored part that it is cut from; its own when it is whole. */
  storedAs: number;
  /** The range of the stored part's hosts; null for all. */
  slice: Slice | null;
}

export interface PartContent {
  content: Uint8Array;
  /** In hexadecimal. */
  sha256: string;
  /** Parses the content, so it is computed only when it is asked for. */
  size(): PartSize;
}

/** Stands for the shard of a part when only the part's number is known. */
const unknownShard = 9_999_999;

/**
 * A job's parts, their receipts and the lost ones, as files. The file names hold all state:
 * `parts/N-SHARD-PIECE` holds a part. When the platform confirms it, its file is moved, emptied, to
 * `receipts/N-SHARD-PIECE-SHA256-WHEN`; when it cannot be read any more, to `lost/N-SHARD-PIECE`.
 * Neither takes space, so a full disk can be emptied.
 */
export class PartStore {
  readonly #path: string;
  readonly #attempt: { jobId: string; attempt: number };
  readonly #files: SpoolFiles;
  readonly #cipher: PartCipher;
  readonly #stored = new Map<number, PartName>();
  readonly #slices: Slices;
  readonly #receipts = new Map<number, SpooledReceipt & PartName>();
  readonly #lost = new Map<number, PartName>();
  readonly #numbers = new PartNumbers();
  /** Parts are written while others are uploaded: in turn, so that no number is given out twice. */
  readonly #changes = new SerialQueue();

  constructor(
    path: string,
    attempt: { jobId: string; attempt: number },
    files: SpoolFiles,
    cipher: PartCipher,
  ) {
    this.#path = path;
    this.#attempt = attempt;
    this.#files = files;
    this.#cipher = cipher;
    this.#slices = new Slices(join(path, "slices"), files);
  }

  async open(): Promise<void> {
    for (const folder of ["parts", "receipts", "lost"])
      await this.#files.makeFolder(join(this.#path, folder));
    for (const name of await this.#files.list(join(this.#path, "parts"))) {
      const part = readPartName(name);
      if (part) this.#stored.set(part.number, part);
    }
    for (const name of await this.#files.list(join(this.#path, "receipts")))
      await this.#openReceipt(name);
    for (const name of await this.#files.list(join(this.#path, "lost"))) {
      const part = readPartName(name);
      if (part) this.#lost.set(part.number, part);
    }
    for (const number of await this.#slices.open((storedAs) => this.#stored.has(storedAs)))
      this.expect(number + 1);
    for (const parts of [this.#stored, this.#receipts, this.#lost])
      for (const part of parts.values()) this.#numbers.register(part);
    for (const number of this.#stored.keys()) this.#mendSlices(number);
  }

  async #openReceipt(name: string): Promise<void> {
    const receipt = readReceiptName(name);
    if (!receipt) return;
    this.#receipts.set(receipt.number, receipt);
    const path = join(this.#path, "receipts", name);
    // A crash came between moving the file and emptying it.
    if ((await this.#files.size(path)) !== 0) await this.#files.moveEmptied(path, path);
  }

  /**
   * A whole part leaves with its receipt. When one is still stored although its number has a receipt
   * or is lost, it was sent in slices and the list of them is gone. It is sent again as a whole under
   * a new number: the platform keeps one row a host.
   */
  #mendSlices(number: number): void {
    const isAnswered = this.#receipts.has(number) || this.#lost.has(number);
    if (this.#slices.has(number) || !isAnswered) return;
    this.#slices.useWhole(number, this.#numbers.take());
  }

  /** Count of the numbers given out, from 0: each part is stored, received, lost or vanished. */
  get count(): number {
    return this.#numbers.count;
  }

  /** A record of the job proves that at least this many numbers were given out. */
  expect(count: number): void {
    this.#numbers.expect(count);
  }

  has(shard: number, piece: number): boolean {
    return this.#numbers.has(shard, piece);
  }

  numbersOf(shard: number): number[] {
    return this.#numbers.ofShard(shard);
  }

  /** Writes a part under the next number, once `room` has found space for it. */
  async add(
    shard: number,
    piece: number,
    hosts: readonly HostObservation[],
    room: (bytes: number) => Promise<void>,
  ): Promise<void> {
    // Not in the queue: an upload that makes the room is itself a change in the queue.
    await room(this.#contentOf(this.#numbers.count, hosts).length + sealedBytes);
    await this.#changes.run(async () => {
      const part = { number: this.#numbers.count, shard, piece };
      const sealed = this.#cipher.seal(this.#contentOf(part.number, hosts), {
        ...this.#attempt,
        number: part.number,
      });
      await this.#files.write(this.#partPath(part), sealed);
      this.#stored.set(part.number, part);
      this.#numbers.register(part);
    });
  }

  /** In the order of their numbers. */
  waiting(): WaitingPart[] {
    return [...this.#stored.values()]
      .flatMap((part) => this.#waitingOf(part))
      .sort((a, b) => a.number - b.number);
  }

  get waitingCount(): number {
    let count = 0;
    for (const part of this.#stored.values())
      count += this.#slices.has(part.number) ? this.#waitingOf(part).length : 1;
    return count;
  }

  #waitingOf(stored: PartName): WaitingPart[] {
    const storedAs = stored.number;
    const slices = this.#slices.of(storedAs);
    const parts: WaitingPart[] = slices
      ? slices.map(({ number, ...slice }) => ({ ...stored, number, storedAs, slice }))
      : [{ ...stored, storedAs, slice: null }];
    return parts.filter(({ number }) => !this.#receipts.has(number) && !this.#lost.has(number));
  }

  /** The content to upload, byte for byte the same each time; null when the file is damaged. */
  async read(part: WaitingPart): Promise<PartContent | null> {
    const stored = this.#stored.get(part.storedAs);
    const file = stored && (await unlessDamaged(this.#files.read(this.#partPath(stored)), null));
    const content = file && this.#cipher.open(file, { ...this.#attempt, number: part.storedAs });
    if (file) release(file);
    if (!content) return null;
    const hosts = () => {
      const whole: ResultPart = JSON.parse(content.toString("utf8"));
      return part.slice ? sliceOf(whole.hosts, part.slice) : whole.hosts;
    };
    if (!part.slice) return { content, sha256: sha256(content), size: () => sizeOf(hosts()) };
    const some = hosts();
    const cut = this.#contentOf(part.number, some);
    return { content: cut, sha256: sha256(cut), size: () => sizeOf(some) };
  }

  /** Cuts a part in two of half its hosts, or half its host's ports, the second with a new number. */
  halve(part: WaitingPart, size: PartSize): Promise<WaitingPart[]> {
    return this.#changes.run(async () => {
      const halves = await this.#slices.halve(part, size, this.#numbers.count);
      this.#numbers.take();
      return halves;
    });
  }

  /**
   * Uploads a slice under a new number. Its old number counts as vanished, until the platform's list
   * shows whether it was received.
   */
  renumber(part: WaitingPart): Promise<WaitingPart> {
    return this.#changes.run(async () => {
      const number = this.#numbers.count;
      await this.#slices.renumber(part, number);
      this.#numbers.take();
      return { ...part, number };
    });
  }

  /** The platform has confirmed the part: it leaves the spool. */
  accept(part: PartName, receipt: SpooledReceipt): Promise<void> {
    const storedAs = this.#storedAs(part.number);
    // A whole part shares no file with another one: several may leave at once, by one sync.
    if (storedAs !== null && !this.#slices.has(storedAs)) return this.#accept(part, receipt);
    return this.#changes.run(() => this.#accept(part, receipt));
  }

  async #accept(part: PartName, receipt: SpooledReceipt): Promise<void> {
    await this.#leave(part, join(this.#path, "receipts", receiptFileName(part, receipt)));
    const { number, shard, piece } = part;
    this.#receipts.set(number, { ...receipt, number, shard, piece });
    await this.#forgetStored(number);
  }

  /** The part cannot be read any more, and the platform does not have it. */
  lose(part: PartName): Promise<void> {
    return this.#changes.run(() => this.#lose(part));
  }

  async #lose(part: PartName): Promise<void> {
    await this.#leave(part, this.#lostPath(part));
    const { number, shard, piece } = part;
    this.#lost.set(number, { number, shard, piece });
    await this.#forgetStored(number);
  }

  /** The platform lost a part that it had confirmed, as after its backup was restored. */
  async loseReceived(number: number): Promise<void> {
    const receipt = this.#receipts.get(number);
    if (!receipt) return;
    const from = join(this.#path, "receipts", receiptFileName(receipt, receipt));
    await this.#files.move(from, this.#lostPath(receipt));
    this.#receipts.delete(number);
    this.#lost.set(number, receipt);
  }

  receipt(number: number): SpooledReceipt | undefined {
    return this.#receipts.get(number);
  }

  lost(): PartName[] {
    return [...this.#lost.values()].sort((a, b) => a.number - b.number);
  }

  receivedNumbers(): number[] {
    return [...this.#receipts.keys()].sort((a, b) => a - b);
  }

  /** Parts whose numbers were given out and whose files are gone. */
  vanished(): PartName[] {
    const known = new Set([
      ...this.#receipts.keys(),
      ...this.#lost.keys(),
      ...this.waiting().map(({ number }) => number),
    ]);
    const vanished = this.#numbers.without(known);
    return vanished.map((number) => ({ number, shard: unknownShard, piece: 0 }));
  }

  /** Moves the stored part's file, emptied; while other slices of it wait, it stays. */
  async #leave({ number }: PartName, to: string): Promise<void> {
    const storedAs = this.#storedAs(number);
    const stored = storedAs === null ? undefined : this.#stored.get(storedAs);
    const others =
      stored !== undefined && this.#waitingOf(stored).some((part) => part.number !== number);
    const moved =
      stored && !others ? await this.#files.moveEmptied(this.#partPath(stored), to) : null;
    if (moved === null) await this.#files.write(to, "");
  }

  /** Forgets a stored part once no part or slice of it is pending. */
  async #forgetStored(number: number): Promise<void> {
    const storedAs = this.#storedAs(number);
    const stored = storedAs === null ? undefined : this.#stored.get(storedAs);
    if (storedAs === null || (stored && this.#waitingOf(stored).length > 0)) return;
    this.#stored.delete(storedAs);
    await this.#slices.remove(storedAs);
  }

  #storedAs(number: number): number | null {
    return this.#slices.storedAs(number) ?? (this.#stored.has(number) ? number : null);
  }

  #partPath(part: PartName): string {
    return join(this.#path, "parts", partFileName(part));
  }

  #lostPath(part: PartName): string {
    return join(this.#path, "lost", partFileName(part));
  }

  #contentOf(number: number, hosts: readonly HostObservation[]): Buffer {
    const part: ResultPart = { ...this.#attempt, number, hosts: [...hosts] };
    return Buffer.from(JSON.stringify(part));
  }
}
