import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import { blockRuns, type DiskSource } from "../sources/disk-source.ts";
import {
  encodeSparseHeader,
  entriesPerTable,
  grainBytes,
  grainMarkerBytes,
  grainSectors,
  type Layout,
  planLayout,
  renderDescriptorText,
  sectorBytes,
  tableOffsetSectors,
} from "./format.ts";

export interface VmdkOptions {
  /** The disk's name inside the descriptor. */
  fileName: string;
  contentId: string;
  /** zlib's level, 1 (fast) to 9 (small). */
  level?: number;
  signal?: AbortSignal;
  onProgress?: (doneBytes: number, totalBytes: number) => void;
}

export interface WrittenVmdk {
  sizeBytes: number;
  /** Bytes of the guest's disk that hold data. */
  populatedBytes: number;
}

const compress = promisify(deflate);

/** Grains in work at one time: what bounds the memory, and keeps zlib's threads busy. */
const grainsAtOnce = 32;

/**
 * Writes `source` as a streamOptimized VMDK. It ends with exactly one zero sector: that is the end
 * marker, and VMware's importers hash the file only up to the first one.
 */
export async function writeVmdk(
  path: string,
  source: DiskSource,
  options: VmdkOptions,
): Promise<WrittenVmdk> {
  const layout = planLayout(source.capacityBytes);
  const runs = blockRuns(source, grainBytes);
  const totalBytes = runs.reduce((sum, { first, end }) => sum + (end - first) * grainBytes, 0);
  const grainOffsets = new Uint32Array(layout.tables * entriesPerTable);
  const file = await open(path, "w", 0o644);
  try {
    let positionSectors = layout.overheadSectors;
    let doneBytes = 0;
    let populatedBytes = 0;
    for (const run of runs) {
      for (let first = run.first; first < run.end; first += grainsAtOnce) {
        options.signal?.throwIfAborted();
        const count = Math.min(grainsAtOnce, run.end - first);
        const grains = await compressGrains(source, first, count, options.level ?? 6);
        for (const { grain, record } of grains) {
          grainOffsets[grain] = positionSectors;
          await file.write(record, 0, record.length, positionSectors * sectorBytes);
          positionSectors += record.length / sectorBytes;
          if (positionSectors > 0xffffffff)
            throw new RangeError("the VMDK is larger than its tables can say");
        }
        populatedBytes += grains.length * grainBytes;
        doneBytes += count * grainBytes;
        options.onProgress?.(doneBytes, totalBytes);
      }
    }
    await file.write(Buffer.alloc(sectorBytes), 0, sectorBytes, positionSectors * sectorBytes);
    const metadata = encodeMetadata(
      layout,
      grainOffsets,
      renderDescriptorText({ ...options, capacitySectors: layout.capacitySectors }),
    );
    await file.write(metadata, 0, metadata.length, 0);
    await file.sync();
    return { sizeBytes: (positionSectors + 1) * sectorBytes, populatedBytes };
  } finally {
    await file.close();
  }
}

/** The grains that are not all zeros, each with its marker and filled up to whole sectors. */
async function compressGrains(
  source: DiskSource,
  first: number,
  count: number,
  level: number,
): Promise<{ grain: number; record: Buffer }[]> {
  const data = Buffer.alloc(count * grainBytes);
  const start = first * grainBytes;
  // The disk may end within its last grain; the rest of that grain stays zero.
  await source.read(start, data.subarray(0, Math.min(data.length, source.capacityBytes - start)));
  const records: Promise<{ grain: number; record: Buffer }>[] = [];
  for (let index = 0; index < count; index++) {
    const content = data.subarray(index * grainBytes, (index + 1) * grainBytes);
    if (!content.equals(zeroGrain)) records.push(compressGrain(first + index, content, level));
  }
  return Promise.all(records);
}

const zeroGrain = Buffer.alloc(grainBytes);

async function compressGrain(
  grain: number,
  content: Buffer,
  level: number,
): Promise<{ grain: number; record: Buffer }> {
  const compressed = await compress(content, { level });
  const record = Buffer.alloc(
    Math.ceil((grainMarkerBytes + compressed.length) / sectorBytes) * sectorBytes,
  );
  record.writeBigUInt64LE(BigInt(grain * grainSectors), 0);
  record.writeUInt32LE(compressed.length, 8);
  compressed.copy(record, grainMarkerBytes);
  return { grain, record };
}

function encodeMetadata(layout: Layout, grainOffsets: Uint32Array, descriptor: string): Buffer {
  const metadata = Buffer.alloc(layout.overheadSectors * sectorBytes);
  encodeSparseHeader(layout).copy(metadata, 0);
  metadata.write(
    descriptor,
    layout.descriptorOffsetSectors * sectorBytes,
    layout.descriptorSizeSectors * sectorBytes,
    "latin1",
  );
  for (let table = 0; table < layout.tables; table++) {
    metadata.writeUInt32LE(
      tableOffsetSectors(layout, table),
      layout.grainDirectoryOffsetSectors * sectorBytes + table * 4,
    );
  }
  const tables = layout.grainTableOffsetSectors * sectorBytes;
  grainOffsets.forEach((offset, grain) => {
    metadata.writeUInt32LE(offset, tables + grain * 4);
  });
  return metadata;
}
