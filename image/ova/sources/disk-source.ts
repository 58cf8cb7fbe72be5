import type { FileHandle } from "node:fs/promises";

export interface Extent {
  offsetBytes: number;
  lengthBytes: number;
}

/** A disk's content. Outside its extents there are only zeros, so that holes need not be read. */
export interface DiskSource {
  capacityBytes: number;
  extents: readonly Extent[];
  read(position: number, buffer: Uint8Array): Promise<void>;
}

/**
 * A raw disk in a file. Node cannot ask a file system for the holes of a file, so the caller names
 * the extents; otherwise the whole file is read.
 */
export async function rawDisk(file: FileHandle, extents?: readonly Extent[]): Promise<DiskSource> {
  const { size } = await file.stat();
  return {
    capacityBytes: size,
    extents: extents ?? [{ offsetBytes: 0, lengthBytes: size }],
    read: async (position, buffer) => {
      for (let filled = 0; filled < buffer.length; ) {
        const { bytesRead } = await file.read(
          buffer,
          filled,
          buffer.length - filled,
          position + filled,
        );
        if (bytesRead === 0) throw new RangeError("read past the end of the disk");
        filled += bytesRead;
      }
    },
  };
}

/** Runs of whole blocks that may hold data: in order, not overlapping, within the disk. */
export function blockRuns(
  source: DiskSource,
  blockBytes: number,
): { first: number; end: number }[] {
  const total = Math.ceil(source.capacityBytes / blockBytes);
  const wanted = source.extents
    .filter(({ lengthBytes }) => lengthBytes > 0)
    .map(({ offsetBytes, lengthBytes }) => ({
      first: Math.floor(offsetBytes / blockBytes),
      end: Math.ceil((offsetBytes + lengthBytes) / blockBytes),
    }))
    .sort((a, b) => a.first - b.first);
  const runs: { first: number; end: number }[] = [];
  for (const { first, end } of wanted) {
    if (first < 0 || end > total) throw new RangeError("an extent lies outside the disk");
    const last = runs.at(-1);
    if (last && first <= last.end) last.end = Math.max(last.end, end);
    else runs.push({ first, end });
  }
  return runs;
}
