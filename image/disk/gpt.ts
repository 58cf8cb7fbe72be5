import { crc32 } from "node:zlib";

/**
 * GUID partition tables, UEFI specification 2.10 chapter 5, for disks with sectors of 512 bytes.
 */
export const sectorBytes = 512;
const entryBytes = 128;
const entryCount = 128;
const tableSectors = (entryBytes * entryCount) / sectorBytes;
/** First sector that a partition may take, and how many are reserved at the end. */
export const reservedSectors = { start: 2 + tableSectors, end: 1 + tableSectors } as const;

export interface GptPartition {
  name: string;
  typeId: string;
  id: string;
  firstSector: number;
  sectors: number;
  /** Attribute bits, by number. */
  attributes?: readonly number[];
}

export interface Gpt {
  diskId: string;
  diskSectors: number;
  partitions: readonly GptPartition[];
  /** The first 440 bytes of the disk; a BIOS runs them. */
  bootCode?: Uint8Array;
}

export interface Piece {
  offsetBytes: number;
  data: Buffer;
}

/** The partition tables at the start and at the end of the disk. */
export function encodeGpt(gpt: Gpt): Piece[] {
  checkPartitions(gpt);
  const table = encodeTable(gpt.partitions);
  const last = gpt.diskSectors - 1;
  const primary = encodeHeader(gpt, table, { own: 1, other: last, table: 2 });
  const backup = encodeHeader(gpt, table, { own: last, other: 1, table: last - tableSectors });
  return [
    { offsetBytes: 0, data: Buffer.concat([protectiveRecord(gpt), primary, table]) },
    { offsetBytes: (last - tableSectors) * sectorBytes, data: Buffer.concat([table, backup]) },
  ];
}

function checkPartitions({ partitions, diskSectors }: Gpt): void {
  if (partitions.length > entryCount) throw new RangeError("too many partitions");
  let free: number = reservedSectors.start;
  for (const { name, firstSector, sectors } of partitions) {
    if (!/^[\x20-\x7e]{1,36}$/.test(name))
      throw new RangeError(`${JSON.stringify(name)} is not a partition's name`);
    if (firstSector < free || sectors <= 0)
      throw new RangeError(`the partition ${name} overlaps the one before it`);
    free = firstSector + sectors;
  }
  if (free > diskSectors - reservedSectors.end)
    throw new RangeError("the partitions do not fit the disk");
}

function encodeTable(partitions: readonly GptPartition[]): Buffer {
  const table = Buffer.alloc(entryBytes * entryCount);
  partitions.forEach(({ name, typeId, id, firstSector, sectors, attributes = [] }, index) => {
    const entry = table.subarray(index * entryBytes, (index + 1) * entryBytes);
    encodeGuid(typeId).copy(entry, 0);
    encodeGuid(id).copy(entry, 16);
    entry.writeBigUInt64LE(BigInt(firstSector), 32);
    entry.writeBigUInt64LE(BigInt(firstSector + sectors - 1), 40);
    entry.writeBigUInt64LE(
      attributes.reduce((bits, bit) => bits | (1n << BigInt(bit)), 0n),
      48,
    );
    entry.write(name, 56, "utf16le");
  });
  return table;
}

function encodeHeader(
  { diskId, diskSectors }: Gpt,
  table: Buffer,
  at: { own: number; other: number; table: number },
): Buffer {
  const header = Buffer.alloc(sectorBytes);
  header.write("EFI PART", 0, "latin1");
  header.writeUInt32LE(0x0001_0000, 8);
  header.writeUInt32LE(92, 12);
  header.writeBigUInt64LE(BigInt(at.own), 24);
  header.writeBigUInt64LE(BigInt(at.other), 32);
  header.writeBigUInt64LE(BigInt(reservedSectors.start), 40);
  header.writeBigUInt64LE(BigInt(diskSectors - reservedSectors.end - 1), 48);
  encodeGuid(diskId).copy(header, 56);
  header.writeBigUInt64LE(BigInt(at.table), 72);
  header.writeUInt32LE(entryCount, 80);
  header.writeUInt32LE(entryBytes, 84);
  header.writeUInt32LE(crc32(table), 88);
  header.writeUInt32LE(crc32(header.subarray(0, 92)), 16);
  return header;
}

/** The whole disk as one partition of type EE, so that tools that know no GPT take it for full. */
function protectiveRecord({ diskSectors, bootCode }: Gpt): Buffer {
  const record = Buffer.alloc(sectorBytes);
  if (bootCode) {
    if (bootCode.length > 440) throw new RangeError("the boot code is longer than 440 bytes");
    record.set(bootCode, 0);
  }
  record.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 446);
  record.writeUInt32LE(1, 454);
  record.writeUInt32LE(Math.min(diskSectors - 1, 0xffffffff), 458);
  record.set([0x55, 0xaa], 510);
  return record;
}

/**
 * The first three fields of a GUID are little-endian numbers, the rest are bytes in order (UEFI
 * specification, appendix A).
 */
export function encodeGuid(guid: string): Buffer {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(guid))
    throw new RangeError(`${JSON.stringify(guid)} is not a GUID`);
  const bytes = Buffer.from(guid.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
