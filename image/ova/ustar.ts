import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import {
  encodeTarHeader,
  mostTarFileBytes,
  tarBlockBytes,
  tarChecksum,
  tarEnd,
  tarPadding,
} from "../../src/base/tar-header.ts";

/*
 * POSIX.1-1988 "ustar" archives: plain files only. OVA asks for this format (DSP0243), and importers
 * fail at GNU or PAX headers.
 */

export interface UstarEntry {
  name: string;
  sizeBytes: number;
}

export interface UstarHeader extends UstarEntry {
  modifiedSeconds: number;
}

export function encodeHeader({ name, sizeBytes, modifiedSeconds }: UstarHeader): Buffer {
  if (!/^[\x21-\x7e]{1,100}$/.test(name) || name.includes("/"))
    throw new RangeError(
      `${JSON.stringify(name)} is not a plain file name of at most 100 characters`,
    );
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > mostTarFileBytes)
    throw new RangeError(`${name} is too large for a USTAR archive`);
  return encodeTarHeader({ name, mode: 0o644, sizeBytes, modifiedSeconds, owner: "root" });
}

export function decodeHeader(header: Uint8Array): UstarHeader {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  if (bytes.length !== tarBlockBytes) throw new RangeError("a USTAR header has 512 bytes");
  if (bytes.toString("latin1", 257, 265) !== "ustar\x0000")
    throw new SyntaxError("not a USTAR header");
  if (parseOctal(bytes, 148, 8) !== tarChecksum(bytes))
    throw new SyntaxError("the USTAR header's checksum is wrong");
  if (bytes.toString("latin1", 156, 157) !== "0") throw new SyntaxError("not a plain file");
  if (bytes[345] !== 0) throw new SyntaxError("the name has a prefix");
  const name = bytes.toString("latin1", 0, 100).replace(/\0.*$/s, "");
  if (!/^[\x21-\x7e]+$/.test(name) || name.includes("/"))
    throw new SyntaxError("the name is not a plain file name");
  return {
    name,
    sizeBytes: parseOctal(bytes, 124, 12),
    modifiedSeconds: parseOctal(bytes, 136, 12),
  };
}

/** Writes the files at `paths` in this order, under the given names. */
export async function writeUstar(
  path: string,
  files: readonly { name: string; path: string }[],
  modifiedSeconds: number,
): Promise<void> {
  const archive = await open(path, "w", 0o644);
  try {
    for (const file of files) {
      const { size } = await stat(file.path);
      await archive.appendFile(encodeHeader({ name: file.name, sizeBytes: size, modifiedSeconds }));
      let written = 0;
      for await (const chunk of createReadStream(file.path, { highWaterMark: 1 << 20 })) {
        await archive.appendFile(chunk);
        written += chunk.length;
      }
      if (written !== size) throw new Error(`${file.name} changed while it was archived`);
      await archive.appendFile(Buffer.alloc(tarPadding(size)));
    }
    await archive.appendFile(tarEnd);
    await archive.sync();
  } finally {
    await archive.close();
  }
}

export interface UstarMember extends UstarHeader {
  /** Offset of the content in the archive, in bytes. */
  offsetBytes: number;
}

/**
 * Lists an archive strictly: every block must be accounted for, and nothing may follow the two zero
 * blocks.
 */
export async function listUstar(archive: FileHandle, maxMembers = 64): Promise<UstarMember[]> {
  const { size } = await archive.stat();
  const members: UstarMember[] = [];
  const block = Buffer.alloc(tarBlockBytes);
  let position = 0;
  for (;;) {
    const { bytesRead } = await archive.read(block, 0, tarBlockBytes, position);
    if (bytesRead !== tarBlockBytes) throw new SyntaxError("the archive ends early");
    position += tarBlockBytes;
    if (block.every((byte) => byte === 0)) break;
    if (members.length === maxMembers) throw new SyntaxError("the archive has too many members");
    const header = decodeHeader(block);
    members.push({ ...header, offsetBytes: position });
    position += header.sizeBytes + tarPadding(header.sizeBytes);
  }
  const { bytesRead } = await archive.read(block, 0, tarBlockBytes, position);
  if (bytesRead !== tarBlockBytes || !block.every((byte) => byte === 0))
    throw new SyntaxError("the archive has no end mark");
  if (position + tarBlockBytes !== size)
    throw new SyntaxError("something follows the archive's end mark");
  return members;
}

function parseOctal(bytes: Buffer, offset: number, length: number): number {
  const text = bytes.toString("latin1", offset, offset + length).replace(/[\0 ]+$/, "");
  if (!/^[0-7]{1,12}$/.test(text)) throw new SyntaxError("not an octal number");
  return Number.parseInt(text, 8);
}
