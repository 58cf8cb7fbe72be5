import { join } from "node:path";
import { readValue, writeChecked } from "./checked-file.ts";
import type { SpoolFiles } from "./files.ts";
import type { SpooledSlice } from "./schemas.ts";
import { halvesOf, type PartSize, type Slice } from "./slicing.ts";
import { validators } from "./validators.ts";

/** A part that is uploaded in slices, or one of its slices. */
export interface Sliceable {
  number: number;
  /** Number of the stored part. */
  storedAs: number;
  /** Null for the whole part. */
  slice: Slice | null;
}

/**
 * The folder slices/: `N.json` lists the slices in which the stored part N is uploaded, each with a
 * part number of its own. One small file changes all slices of a part at once, so no host is ever in
 * two slices or in none.
 */
export class Slices {
  readonly #folder: string;
  readonly #files: SpoolFiles;
  readonly #byStored = new Map<number, SpooledSlice[]>();

  constructor(folder: string, files: SpoolFiles) {
    this.#folder = folder;
    this.#files = files;
  }

  /**
   * Reads the folder. Slices of parts that are not stored any more are not kept, but their numbers
   * were given out.
   *
   * @returns all numbers that the files name
   */
  async open(isStored: (storedAs: number) => boolean): Promise<number[]> {
    await this.#files.makeFolder(this.#folder);
    const numbers: number[] = [];
    for (const name of await this.#files.list(this.#folder)) {
      const storedAs = Number(/^(\d{1,7})\.json$/.exec(name)?.[1] ?? -1);
      const read = await readValue(this.#files, join(this.#folder, name), validators.SpooledSlices);
      if (!read) continue;
      numbers.push(...read.slices.map(({ number }) => number));
      if (isStored(storedAs)) this.#byStored.set(storedAs, read.slices);
    }
    return numbers;
  }

  has(storedAs: number): boolean {
    return this.#byStored.has(storedAs);
  }

  /** Undefined when the part is uploaded as a whole. */
  of(storedAs: number): readonly SpooledSlice[] | undefined {
    return this.#byStored.get(storedAs);
  }

  /** The stored part that the slice of this number is cut from; null when no slice has it. */
  storedAs(number: number): number | null {
    for (const [storedAs, slices] of this.#byStored)
      if (slices.some((slice) => slice.number === number)) return storedAs;
    return null;
  }

  /** Cuts a part in two; the first half keeps its number. */
  async halve<Part extends Sliceable>(
    part: Part,
    size: PartSize,
    nextNumber: number,
  ): Promise<Part[]> {
    const whole = part.slice ?? { from: 0, to: size.hosts };
    const others = (this.#byStored.get(part.storedAs) ?? []).filter(
      ({ number }) => number !== part.number,
    );
    const [first, second] = halvesOf(whole, size);
    const halves = [
      { number: part.number, ...first },
      { number: nextNumber, ...second },
    ];
    await this.#write(part.storedAs, [...others, ...halves]);
    return halves.map(({ number, ...slice }) => ({ ...part, number, slice }));
  }

  /** Gives a slice another number. */
  async renumber(part: Sliceable, number: number): Promise<void> {
    const slices = (this.#byStored.get(part.storedAs) ?? []).map((slice) =>
      slice.number === part.number ? { ...slice, number } : slice,
    );
    await this.#write(part.storedAs, slices);
  }

  /** Lets a stored part be uploaded whole, under another number than its own. */
  useWhole(storedAs: number, number: number): void {
    this.#byStored.set(storedAs, [{ number, from: 0, to: Number.MAX_SAFE_INTEGER }]);
  }

  async remove(storedAs: number): Promise<void> {
    if (!this.#byStored.has(storedAs)) return;
    await this.#files.remove(this.#path(storedAs));
    this.#byStored.delete(storedAs);
  }

  async #write(storedAs: number, slices: SpooledSlice[]): Promise<void> {
    await writeChecked(this.#files, this.#path(storedAs), { slices });
    this.#byStored.set(storedAs, slices);
  }

  #path(storedAs: number): string {
    return join(this.#folder, `${storedAs}.json`);
  }
}
