/**
 * The streamOptimized form of VMware's sparse extents, as in "Virtual Disk Format 5.0" (VMware's
 * technical note): a header, a text descriptor, the grain directory and its tables, then every
 * grain that holds data, compressed, behind a marker with its position; one end marker.
 */
export const sectorBytes = 512;
export const grainSectors = 128;
export const grainBytes = grainSectors * sectorBytes;
export const entriesPerTable = 512;
export const descriptorSectors = 20;
/** Position (8 bytes) and length (4 bytes) in front of each grain's compressed data. */
export const grainMarkerBytes = 12;

const magic = 0x564d444b;
/** ESXi refuses versions 1 and 2 for compressed extents. */
const version = 3;
/**
 * Line ends can be checked (bit 0), grains are compressed (16), markers stand before them (17). No
 * redundant directory (bit 1).
 */
const flags = 0x30001;
const deflate = 1;

/** Largest disk that this code handles: it keeps the tables in memory, 4 bytes a grain. */
export const maxCapacityBytes = 2 * 2 ** 40;

export interface SparseHeader {
  capacitySectors: number;
  descriptorOffsetSectors: number;
  descriptorSizeSectors: number;
  grainDirectoryOffsetSectors: number;
  overheadSectors: number;
}

export interface Layout extends SparseHeader {
  grains: number;
  tables: number;
  grainTableOffsetSectors: number;
}

const tableSectors = (entriesPerTable * 4) / sectorBytes;

/** The layout of a file for a disk of this capacity. */
export function planLayout(capacityBytes: number): Layout {
  if (
    !Number.isSafeInteger(capacityBytes) ||
    capacityBytes <= 0 ||
    capacityBytes % sectorBytes !== 0 ||
    capacityBytes > maxCapacityBytes
  ) {
    throw new RangeError(`${capacityBytes} bytes is not a disk's capacity`);
  }
  const grains = Math.ceil(capacityBytes / grainBytes);
  const tables = Math.ceil(grains / entriesPerTable);
  const descriptorOffsetSectors = 1;
  const grainDirectoryOffsetSectors = descriptorOffsetSectors + descriptorSectors;
  const grainTableOffsetSectors =
    grainDirectoryOffsetSectors + Math.ceil((tables * 4) / sectorBytes);
  return {
    capacitySectors: capacityBytes / sectorBytes,
    descriptorOffsetSectors,
    descriptorSizeSectors: descriptorSectors,
    grainDirectoryOffsetSectors,
    overheadSectors: grainTableOffsetSectors + tables * tableSectors,
    grains,
    tables,
    grainTableOffsetSectors,
  };
}

export function tableOffsetSectors(layout: Layout, table: number): number {
  return layout.grainTableOffsetSectors + table * tableSectors;
}

export function encodeSparseHeader(header: SparseHeader): Buffer {
  const bytes = Buffer.alloc(sectorBytes);
  bytes.writeUInt32LE(magic, 0);
  bytes.writeUInt32LE(version, 4);
  bytes.writeUInt32LE(flags, 8);
  bytes.writeBigUInt64LE(BigInt(header.capacitySectors), 12);
  bytes.writeBigUInt64LE(BigInt(grainSectors), 20);
  bytes.writeBigUInt64LE(BigInt(header.descriptorOffsetSectors), 28);
  bytes.writeBigUInt64LE(BigInt(header.descriptorSizeSectors), 36);
  bytes.writeUInt32LE(entriesPerTable, 44);
  bytes.writeBigUInt64LE(0n, 48);
  bytes.writeBigUInt64LE(BigInt(header.grainDirectoryOffsetSectors), 56);
  bytes.writeBigUInt64LE(BigInt(header.overheadSectors), 64);
  bytes[72] = 0;
  // These characters detect a transfer that converted line ends.
  bytes.write("\n \r\n", 73, "latin1");
  bytes.writeUInt16LE(deflate, 77);
  return bytes;
}

export function decodeSparseHeader(bytes: Buffer): SparseHeader {
  if (bytes.length < sectorBytes || bytes.readUInt32LE(0) !== magic)
    throw new SyntaxError("not a sparse VMDK");
  if (bytes.readUInt32LE(4) !== version) throw new SyntaxError("the VMDK's version is not 3");
  if (bytes.readUInt32LE(8) !== flags)
    throw new SyntaxError("the VMDK is not compressed with markers");
  if (bytes.readBigUInt64LE(20) !== BigInt(grainSectors))
    throw new SyntaxError("the VMDK's grains are not 64 KiB");
  if (bytes.readUInt32LE(44) !== entriesPerTable)
    throw new SyntaxError("the VMDK's grain tables do not have 512 entries");
  if (bytes.readUInt16LE(77) !== deflate)
    throw new SyntaxError("the VMDK's compression is not deflate");
  if (bytes.toString("latin1", 73, 77) !== "\n \r\n")
    throw new SyntaxError("the VMDK's line ends were changed on the way");
  return {
    capacitySectors: safeNumber(bytes, 12),
    descriptorOffsetSectors: safeNumber(bytes, 28),
    descriptorSizeSectors: safeNumber(bytes, 36),
    grainDirectoryOffsetSectors: safeNumber(bytes, 56),
    overheadSectors: safeNumber(bytes, 64),
  };
}

export interface Descriptor {
  /**
   * Eight hexadecimal digits. Tools draw it by chance; a fixed one makes the same file of the same
   * disk.
   */
  contentId: string;
  capacitySectors: number;
  fileName: string;
}

export function renderDescriptorText({ contentId, capacitySectors, fileName }: Descriptor): string {
  if (!/^[0-9a-f]{8}$/.test(contentId) || contentId === "ffffffff")
    throw new RangeError(`${JSON.stringify(contentId)} is not a content id`);
  const heads = 255;
  const sectorsPerTrack = 63;
  const cylinders = Math.min(65_535, Math.ceil(capacitySectors / (heads * sectorsPerTrack)));
  return [
    "# Disk DescriptorFile",
    "version=1",
    `CID=${contentId}`,
    "parentCID=ffffffff",
    'createType="streamOptimized"',
    "",
    "# Extent description",
    `RDONLY ${capacitySectors} SPARSE "${fileName}"`,
    "",
    "# The Disk Data Base",
    "#DDB",
    "",
    `ddb.longContentID = "${contentId.repeat(4)}"`,
    'ddb.virtualHWVersion = "4"',
    `ddb.geometry.cylinders = "${cylinders}"`,
    `ddb.geometry.heads = "${heads}"`,
    `ddb.geometry.sectors = "${sectorsPerTrack}"`,
    // The descriptor has no adapter type for pvscsi.
    'ddb.adapterType = "lsilogic"',
    // Unmanaged: vSphere does not offer to replace the distribution's own tools.
    'ddb.toolsInstallType = "4"',
    'ddb.toolsVersion = "2147483647"',
    "",
  ].join("\n");
}

function safeNumber(bytes: Buffer, offset: number): number {
  const value = bytes.readBigUInt64LE(offset);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new RangeError("a number in the VMDK's header is too large");
  return Number(value);
}
