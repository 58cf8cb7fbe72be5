export const tarBlockBytes = 512;

/** The size field holds eleven octal digits. */
export const mostTarFileBytes = 8 ** 11 - 1;

/** Two blocks of zeros end an archive. */
export const tarEnd: Buffer = Buffer.alloc(2 * tarBlockBytes);

export interface TarFile {
  /** At most 100 bytes. */
  name: string;
  /** Permission bits. */
  mode: number;
  sizeBytes: number;
  modifiedSeconds: number;
  /**
   * Name of the owning user and group. With it the device numbers are written too, so that no field
   * of the header is left empty; readers of support bundles need neither.
   */
  owner?: string | undefined;
}

/**
 * The header of a plain file of user 0 in a ustar archive (POSIX.1-1988, pax(1) "ustar Interchange
 * Format"), one block. Throws a RangeError when a value does not fit its field.
 */
export function encodeTarHeader(file: TarFile): Buffer {
  if (Buffer.byteLength(file.name) > 100)
    throw new RangeError("the name is too long for a tar header");
  const block = Buffer.alloc(tarBlockBytes);
  const number = (value: number, digits: number, offset: number) =>
    block.write(`${octal(value, digits)}\0`, offset, "latin1");
  block.write(file.name, 0);
  number(file.mode, 7, 100);
  number(0, 7, 108);
  number(0, 7, 116);
  number(file.sizeBytes, 11, 124);
  number(file.modifiedSeconds, 11, 136);
  block.write("0", 156, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  if (file.owner !== undefined) {
    block.write(file.owner, 265, "latin1");
    block.write(file.owner, 297, "latin1");
    number(0, 7, 329);
    number(0, 7, 337);
  }
  block.write(`${octal(tarChecksum(block), 6)}\0 `, 148, "latin1");
  return block;
}

/** Sum of all bytes of a header, with the checksum's own field taken as spaces. */
export function tarChecksum(header: Uint8Array): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}

/** Bytes of zeros that fill up the last block of a file of this size. */
export function tarPadding(sizeBytes: number): number {
  return (tarBlockBytes - (sizeBytes % tarBlockBytes)) % tarBlockBytes;
}

function octal(value: number, digits: number): string {
  const text = value.toString(8);
  if (!Number.isSafeInteger(value) || value < 0 || text.length > digits)
    throw new RangeError(`${value} does not fit ${digits} octal digits`);
  return text.padStart(digits, "0");
}
