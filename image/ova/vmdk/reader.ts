import { promisify } from "node:util";
import { inflate } from "node:zlib";
import type { ByteSource } from "../sources/byte-source.ts";
import {
  decodeSparseHeader,
  entriesPerTable,
  grainBytes,
  grainMarkerBytes,
  grainSectors,
  type Layout,
  planLayout,
  type SparseHeader,
  sectorBytes,
  tableOffsetSectors,
} from "./format.ts";

export interface Grain {
  /** Position on the guest's disk, in bytes. */
  positionBytes: number;
  data: Buffer;
}

export interface OpenVmdk {
  capacityBytes: number;
  descriptor: ReadonlyMap<string, string>;
  /**
   * Reads the file from front to back by its markers, as an importer does that reads a stream, and
   * checks each position against the grain tables. Ends at the end marker, which must be the file's
   * last sector.
   */
  grains(): AsyncGenerator<Grain>;
}

const decompress = promisify(inflate);

/**
 * Stored deflate blocks cost five bytes for each 16 KiB or more; a grain that is longer than this
 * is no grain.
 */
const maxCompressedBytes = grainBytes + 1024;

export async function openVmdk(source: ByteSource): Promise<OpenVmdk> {
  if (source.sizeBytes % sectorBytes !== 0 || source.sizeBytes < 2 * sectorBytes)
    throw new SyntaxError("the VMDK's size is not whole sectors");
  const header = decodeSparseHeader(await source.read(0, sectorBytes));
  const layout = checkLayout(header, source.sizeBytes);
  const text = (
    await source.read(
      header.descriptorOffsetSectors * sectorBytes,
      header.descriptorSizeSectors * sectorBytes,
    )
  ).toString("latin1");
  const descriptor = parseDescriptor(text);
  if (!text.includes(`\nRDONLY ${header.capacitySectors} SPARSE "`))
    throw new SyntaxError("the VMDK's header and descriptor differ about its capacity");
  await checkDirectory(source, layout);
  return {
    capacityBytes: layout.capacitySectors * sectorBytes,
    descriptor,
    grains: () => walk(source, layout),
  };
}

function checkLayout(header: SparseHeader, sizeBytes: number): Layout {
  const layout = planLayout(header.capacitySectors * sectorBytes);
  for (const field of [
    "descriptorOffsetSectors",
    "descriptorSizeSectors",
    "grainDirectoryOffsetSectors",
    "overheadSectors",
  ] as const) {
    if (header[field] !== layout[field])
      throw new SyntaxError(`the VMDK's ${field} is ${header[field]}, not ${layout[field]}`);
  }
  if (layout.overheadSectors * sectorBytes >= sizeBytes)
    throw new SyntaxError("the VMDK ends before its grains");
  return layout;
}

async function checkDirectory(source: ByteSource, layout: Layout): Promise<void> {
  const directory = await source.read(
    layout.grainDirectoryOffsetSectors * sectorBytes,
    layout.tables * 4,
  );
  for (let table = 0; table < layout.tables; table++) {
    if (directory.readUInt32LE(table * 4) !== tableOffsetSectors(layout, table))
      throw new SyntaxError(`grain table ${table} is not where it belongs`);
  }
}

async function* walk(source: ByteSource, layout: Layout): AsyncGenerator<Grain> {
  const tables = await source.read(
    layout.grainTableOffsetSectors * sectorBytes,
    layout.tables * entriesPerTable * 4,
  );
  let position = layout.overheadSectors * sectorBytes;
  let next = 0;
  for (;;) {
    if (position + sectorBytes > source.sizeBytes)
      throw new SyntaxError("the VMDK has no end marker");
    const marker = await source.read(position, sectorBytes);
    const lengthBytes = marker.readUInt32LE(8);
    if (lengthBytes === 0) {
      if (!marker.every((byte) => byte === 0))
        throw new SyntaxError("the VMDK has a marker that is neither a grain nor the end");
      break;
    }
    const grain = Number(marker.readBigUInt64LE(0)) / grainSectors;
    if (!Number.isInteger(grain) || grain < next || grain >= layout.grains)
      throw new SyntaxError("a grain is out of order or outside the disk");
    for (; next < grain; next++) expectEntry(tables, next, 0);
    expectEntry(tables, grain, position / sectorBytes);
    next = grain + 1;
    if (
      lengthBytes > maxCompressedBytes ||
      position + grainMarkerBytes + lengthBytes > source.sizeBytes
    )
      throw new SyntaxError("a grain is too long");
    const data = await decompress(await source.read(position + grainMarkerBytes, lengthBytes), {
      maxOutputLength: grainBytes,
    });
    if (data.length !== grainBytes) throw new SyntaxError("a grain does not hold 64 KiB");
    yield { positionBytes: grain * grainBytes, data };
    position += Math.ceil((grainMarkerBytes + lengthBytes) / sectorBytes) * sectorBytes;
  }
  for (; next < layout.tables * entriesPerTable; next++) expectEntry(tables, next, 0);
  if (position + sectorBytes !== source.sizeBytes)
    throw new SyntaxError(
      `${source.sizeBytes - position - sectorBytes} bytes follow the VMDK's end marker`,
    );
}

function expectEntry(tables: Buffer, grain: number, sectors: number): void {
  if (tables.readUInt32LE(grain * 4) !== sectors)
    throw new SyntaxError(`grain table entry ${grain} does not point to its grain`);
}

/** `name=value` and `name = "value"` lines of the text descriptor. */
function parseDescriptor(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.replace(/\0.*$/s, "").split("\n")) {
    const [, name, value] = /^([A-Za-z][A-Za-z0-9.]*) ?= ?"?([^"]*)"?$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, value);
  }
  if (values.get("createType") !== "streamOptimized")
    throw new SyntaxError("the VMDK's descriptor is not that of a streamOptimized disk");
  return values;
}
