import type { PartName } from "./part-name.ts";

/** The part numbers that were given out in a job, from 0, and the shards that they belong to. */
export class PartNumbers {
  readonly #ofShard = new Map<number, PartName[]>();
  #count = 0;

  /** Also the next number. */
  get count(): number {
    return this.#count;
  }

  /** A file proves that at least this many numbers were given out. */
  expect(count: number): void {
    this.#count = Math.max(this.#count, count);
  }

  take(): number {
    return this.#count++;
  }

  register({ number, shard, piece }: PartName): void {
    this.expect(number + 1);
    const parts = this.#ofShard.get(shard) ?? [];
    if (!parts.some((part) => part.number === number)) parts.push({ number, shard, piece });
    this.#ofShard.set(shard, parts);
  }

  has(shard: number, piece: number): boolean {
    return this.#ofShard.get(shard)?.some((part) => part.piece === piece) ?? false;
  }

  /** In ascending order. */
  ofShard(shard: number): number[] {
    return (this.#ofShard.get(shard) ?? []).map(({ number }) => number).sort((a, b) => a - b);
  }

  /** All numbers but those known, in ascending order. */
  without(known: ReadonlySet<number>): number[] {
    return Array.from({ length: this.#count }, (_, number) => number).filter(
      (number) => !known.has(number),
    );
  }
}
