import { join } from "node:path";
import { release } from "../../base/release.ts";
import type { HostObservation, ResultPart } from "../../protocol/schemas/results.ts";
import { readValue, sha256, unlessDamaged, writeChecked } from "./checked-file.ts";
import type { SpoolFiles } from "./files.ts";
import { type PartCipher, sealedBytes } from "./part-cipher.ts";
import type { SpooledReceipt, SpooledSlice } from "./schemas.ts";
import { halvesOf, type PartSize, type Slice, sizeOf, sliceOf } from "./slicing.ts";
import { validators } from "./validators.ts";

/**
 * A result part that waits to be sent: a stored one, or a slice of one that was too large for the
 * path.
 */
export interface WaitingPart {
  number: number;
  shard: number;
  /** Pieces of one shard's result, when it is too large for one part. */
  piece: number;
  /** Number of the stored part that it is cut from; its own when it is whole. */
  storedAs: number;
  /** Which of the stored part's hosts; null for all. */
  slice: Slice | null;
}

export interface PartContent {
  content: Uint8Array;
  sha256: string;
  /** Has to be read for that. */
  size(): PartSize;
}

/** Of a part that is known by its number only. */
const unknownShard = 9_999_999;

type Place = Pick<WaitingPart, "number" | "shard" | "piece">;

/**
 * A job's parts, their receipts and what was lost of them, as files whose names say all that must
 * be known: `parts/N-SHARD-PIECE` holds a part; with its receipt it is moved, emptied, to
 * `receipts/N-SHARD-PIECE-SHA256-WHEN`, or, when it cannot be read any more, to
 * `lost/N-SHARD-PIECE`. Both take no space, so that a full disk can be emptied.
 */
export class PartStore {
  readonly #path: string;
  readonly #place: { jobId: string; attempt: number };
  readonly #files: SpoolFiles;
  readonly #cipher: PartCipher;
  readonly #stored = new Map<number, Place>();
  readonly #slices = new Map<number, SpooledSlice[]>();
  readonly #receipts = new Map<number, SpooledReceipt & Place>();
  readonly #lost = new Map<number, Place>();
  readonly #ofShard = new Map<number, Place[]>();
  #count = 0;
  /**
   * Parts are written while others are sent: one change after the other, so that no number is given
   * out twice.
   */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    path: string,
    place: { jobId: string; attempt: number },
    files: SpoolFiles,
    cipher: PartCipher,
  ) {
    this.#path = path;
    this.#place = place;
    this.#files = files;
    this.#cipher = cipher;
  }

  async open(): Promise<void> {
    for (const folder of ["parts", "slices", "receipts", "lost"])
      await this.#files.makeFolder(join(this.#path, folder));
    for (const name of await this.#files.list(join(this.#path, "parts"))) {
      const place = readPlace(name);
      if (place) this.#stored.set(place.number, place);
    }
    for (const name of await this.#files.list(join(this.#path, "receipts"))) {
      const place = readPlace(name);
      const [, digest, when] = /^\d+-\d+-\d+-([0-9a-f]{64})-(\d{1,15})$/.exec(name) ?? [];
      if (!place || digest === undefined) continue;
      this.#receipts.set(place.number, { ...place, sha256: digest, receivedAt: Number(when) });
      // A crash came between moving and emptying.
      const path = join(this.#path, "receipts", name);
      if ((await this.#files.size(path)) !== 0) await this.#files.moveEmptied(path, path);
    }
    for (const name of await this.#files.list(join(this.#path, "lost"))) {
      const place = readPlace(name);
      if (place) this.#lost.set(place.number, place);
    }
    for (const name of await this.#files.list(join(this.#path, "slices")))
      await this.#openSlices(name);
    for (const place of [
      ...this.#stored.values(),
      ...this.#receipts.values(),
      ...this.#lost.values(),
    ])
      this.#note(place);
    for (const number of this.#stored.keys()) this.#mendSlices(number);
  }

  /** How many numbers were given out, from 0: each of them is here, received, lost or vanished. */
  get count(): number {
    return this.#count;
  }

  /** Somebody else has noted that so many were given out. */
  expect(count: number): void {
    this.#count = Math.max(this.#count, count);
  }

  has(shard: number, piece: number): boolean {
    return this.#ofShard.get(shard)?.some((place) => place.piece === piece) ?? false;
  }

  numbersOf(shard: number): number[] {
    return (this.#ofShard.get(shard) ?? []).map(({ number }) => number).sort((a, b) => a - b);
  }

  /** Room for a part is asked for before: this writes it under the next number. */
  async add(
    shard: number,
    piece: number,
    hosts: readonly HostObservation[],
    room: (bytes: number) => Promise<void>,
  ): Promise<void> {
    // Waited for outside: what makes room is a change too.
    await room(this.#contentOf(this.#count, hosts).length + sealedBytes);
    await this.#alone(async () => {
      const number = this.#count;
      const sealed = this.#cipher.seal(this.#contentOf(number, hosts), { ...this.#place, number });
      await this.#files.write(join(this.#path, "parts", `${number}-${shard}-${piece}`), sealed);
      this.#stored.set(number, { number, shard, piece });
      this.#note({ number, shard, piece });
    });
  }

  #alone<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#last.then(change);
    this.#last = changed.catch(() => undefined);
    return changed;
  }

  #note({ number, shard, piece }: Place): void {
    this.expect(number + 1);
    const places = this.#ofShard.get(shard) ?? [];
    if (!places.some((place) => place.number === number)) places.push({ number, shard, piece });
    this.#ofShard.set(shard, places);
  }

  waiting(): WaitingPart[] {
    return [...this.#stored.values()]
      .flatMap((place) => this.#waitingOf(place))
      .sort((a, b) => a.number - b.number);
  }

  get waitingCount(): number {
    let count = 0;
    for (const place of this.#stored.values())
      count += this.#slices.has(place.number) ? this.#waitingOf(place).length : 1;
    return count;
  }

  /** What is sent, byte for byte the same each time; null when it is not any more what it was. */
  async read(part: WaitingPart): Promise<PartContent | null> {
    const stored = this.#stored.get(part.storedAs);
    const file = stored && (await unlessDamaged(this.#files.read(this.#partPath(stored)), null));
    const content = file && this.#cipher.open(file, { ...this.#place, number: part.storedAs });
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

  /**
   * Cuts a part in two of half its hosts, or half its host's ports, the second under a new number.
   * One small file says so, at once for both: there is no moment in which something is in two parts
   * or in none.
   */
  halve(part: WaitingPart, size: PartSize): Promise<WaitingPart[]> {
    return this.#alone(() => this.#halve(part, size));
  }

  async #halve(part: WaitingPart, size: PartSize): Promise<WaitingPart[]> {
    const whole = part.slice ?? { from: 0, to: size.hosts };
    const slices = (this.#slices.get(part.storedAs) ?? [{ number: part.number, ...whole }]).filter(
      ({ number }) => number !== part.number,
    );
    const [first, second] = halvesOf(whole, size);
    const halves = [
      { number: part.number, ...first },
      { number: this.#count, ...second },
    ];
    await this.#writeSlices(part.storedAs, [...slices, ...halves]);
    return halves.map(({ number, ...slice }) => ({ ...part, number, slice }));
  }

  /**
   * A slice goes up under a new number. Its old one counts as vanished, until somebody says what
   * became of it.
   */
  renumber(part: WaitingPart): Promise<WaitingPart> {
    return this.#alone(async () => {
      const number = this.#count;
      const slices = (this.#slices.get(part.storedAs) ?? []).map((slice) =>
        slice.number === part.number ? { ...slice, number } : slice,
      );
      await this.#writeSlices(part.storedAs, slices);
      return { ...part, number };
    });
  }

  async #writeSlices(storedAs: number, slices: SpooledSlice[]): Promise<void> {
    await writeChecked(this.#files, join(this.#path, "slices", `${storedAs}.json`), { slices });
    this.#slices.set(storedAs, slices);
    this.expect(this.#count + 1);
  }

  /** The platform has it: this is the moment in which a part leaves the spool. */
  accept(part: Place, receipt: SpooledReceipt): Promise<void> {
    const storedAs = this.#storedAs(part.number);
    // Whole parts are nobody else's affair, and several that leave at once cost the disk as much as
    // one.
    if (storedAs !== null && !this.#slices.has(storedAs)) return this.#accept(part, receipt);
    return this.#alone(() => this.#accept(part, receipt));
  }

  async #accept(part: Place, receipt: SpooledReceipt): Promise<void> {
    const name = `${part.number}-${part.shard}-${part.piece}-${receipt.sha256}-${receipt.receivedAt}`;
    await this.#leave(part, join(this.#path, "receipts", name));
    this.#receipts.set(part.number, {
      ...receipt,
      number: part.number,
      shard: part.shard,
      piece: part.piece,
    });
    await this.#forgetWhole(part.number);
  }

  /** It cannot be read any more, and the platform has not got it. */
  lose(part: Place): Promise<void> {
    return this.#alone(() => this.#lose(part));
  }

  async #lose(part: Place): Promise<void> {
    await this.#leave(part, join(this.#path, "lost", `${part.number}-${part.shard}-${part.piece}`));
    this.#lost.set(part.number, { number: part.number, shard: part.shard, piece: part.piece });
    await this.#forgetWhole(part.number);
  }

  /** The platform gave a receipt and has lost the part since, as after a backup was put back. */
  async loseReceived(number: number): Promise<void> {
    const receipt = this.#receipts.get(number);
    if (!receipt) return;
    const from = join(
      this.#path,
      "receipts",
      `${number}-${receipt.shard}-${receipt.piece}-${receipt.sha256}-${receipt.receivedAt}`,
    );
    await this.#files.move(
      from,
      join(this.#path, "lost", `${number}-${receipt.shard}-${receipt.piece}`),
    );
    this.#receipts.delete(number);
    this.#lost.set(number, receipt);
  }

  receipt(number: number): SpooledReceipt | undefined {
    return this.#receipts.get(number);
  }

  lost(): Place[] {
    return [...this.#lost.values()].sort((a, b) => a.number - b.number);
  }

  receivedNumbers(): number[] {
    return [...this.#receipts.keys()].sort((a, b) => a - b);
  }

  /** Numbers that were given out and of which nothing is here: their files went away. */
  vanished(): Place[] {
    const known = new Set([
      ...this.#receipts.keys(),
      ...this.#lost.keys(),
      ...this.waiting().map(({ number }) => number),
    ]);
    const numbers = Array.from({ length: this.#count }, (_, number) => number).filter(
      (number) => !known.has(number),
    );
    return numbers.map((number) => ({ number, shard: unknownShard, piece: 0 }));
  }

  /**
   * The last slice takes the stored part with it, as a whole part does; before that the stored part
   * stays.
   */
  async #leave({ number }: Place, to: string): Promise<void> {
    const storedAs = this.#storedAs(number);
    const stored = storedAs === null ? undefined : this.#stored.get(storedAs);
    const others =
      stored !== undefined && this.#waitingOf(stored).some((part) => part.number !== number);
    const moved =
      stored && !others ? await this.#files.moveEmptied(this.#partPath(stored), to) : null;
    if (moved === null) await this.#files.write(to, "");
  }

  #waitingOf(place: Place): WaitingPart[] {
    const slices = this.#slices.get(place.number);
    const parts: WaitingPart[] = slices
      ? slices.map(({ number, ...slice }) => ({ ...place, number, storedAs: place.number, slice }))
      : [{ ...place, storedAs: place.number, slice: null }];
    return parts.filter(({ number }) => !this.#receipts.has(number) && !this.#lost.has(number));
  }

  #storedAs(number: number): number | null {
    for (const [storedAs, slices] of this.#slices)
      if (slices.some((slice) => slice.number === number)) return storedAs;
    return this.#stored.has(number) ? number : null;
  }

  async #forgetWhole(number: number): Promise<void> {
    const storedAs = this.#storedAs(number);
    const stored = storedAs === null ? undefined : this.#stored.get(storedAs);
    if (storedAs === null || (stored && this.#waitingOf(stored).length > 0)) return;
    this.#stored.delete(storedAs);
    if (!this.#slices.has(storedAs)) return;
    await this.#files.remove(join(this.#path, "slices", `${storedAs}.json`));
    this.#slices.delete(storedAs);
  }

  async #openSlices(name: string): Promise<void> {
    const storedAs = Number(/^(\d{1,7})\.json$/.exec(name)?.[1] ?? -1);
    const read = await readValue(
      this.#files,
      join(this.#path, "slices", name),
      validators.SpooledSlices,
    );
    if (!read) return;
    for (const { number } of read.slices) this.expect(number + 1);
    if (this.#stored.has(storedAs)) this.#slices.set(storedAs, read.slices);
  }

  /**
   * A whole part leaves with its receipt; one that is still here although its number is settled was
   * sent in slices, and the note of them is gone. It is sent again as a whole under a new number:
   * the platform keeps one row a host.
   */
  #mendSlices(number: number): void {
    if (this.#slices.has(number) || !(this.#receipts.has(number) || this.#lost.has(number))) return;
    this.#slices.set(number, [{ number: this.#count, from: 0, to: Number.MAX_SAFE_INTEGER }]);
    this.expect(this.#count + 1);
  }

  #partPath({ number, shard, piece }: Place): string {
    return join(this.#path, "parts", `${number}-${shard}-${piece}`);
  }

  #contentOf(number: number, hosts: readonly HostObservation[]): Buffer {
    const part: ResultPart = { ...this.#place, number, hosts: [...hosts] };
    return Buffer.from(JSON.stringify(part));
  }
}

function readPlace(name: string): Place | null {
  const read = /^(\d{1,7})-(\d{1,7})-(\d{1,7})(?:-|$)/.exec(name);
  return read ? { number: Number(read[1]), shard: Number(read[2]), piece: Number(read[3]) } : null;
}
