import type { SpooledReceipt } from "./schemas.ts";

/** The parts of a stored part's file name. */
export interface PartName {
  number: number;
  shard: number;
  /** Counts the pieces of one shard's result, when it is too large for one part. */
  piece: number;
}

/** N-SHARD-PIECE */
export function partFileName({ number, shard, piece }: PartName): string {
  return `${number}-${shard}-${piece}`;
}

/** N-SHARD-PIECE-SHA256-WHEN */
export function receiptFileName(part: PartName, { sha256, receivedAt }: SpooledReceipt): string {
  return `${partFileName(part)}-${sha256}-${receivedAt}`;
}

/** Reads the names of part and receipt files; null for any other name. */
export function readPartName(name: string): PartName | null {
  const read = /^(\d{1,7})-(\d{1,7})-(\d{1,7})(?:-|$)/.exec(name);
  return read ? { number: Number(read[1]), shard: Number(read[2]), piece: Number(read[3]) } : null;
}

export function readReceiptName(name: string): (PartName & SpooledReceipt) | null {
  const part = readPartName(name);
  const [, sha256, when] = /^\d+-\d+-\d+-([0-9a-f]{64})-(\d{1,15})$/.exec(name) ?? [];
  return part && sha256 !== undefined ? { ...part, sha256, receivedAt: Number(when) } : null;
}
