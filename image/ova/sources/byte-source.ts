import type { FileHandle } from "node:fs/promises";

/** Bytes that can be read at any offset: a file, or a part of one. */
export interface ByteSource {
  sizeBytes: number;
  /** Exactly `lengthBytes` bytes; fails where there are fewer. */
  read(position: number, lengthBytes: number): Promise<Buffer>;
}

/** `sizeBytes` bytes of a file from `offsetBytes` on. */
export function filePart(file: FileHandle, offsetBytes: number, sizeBytes: number): ByteSource {
  return {
    sizeBytes,
    read: async (position, lengthBytes) => {
      if (position < 0 || lengthBytes < 0 || position + lengthBytes > sizeBytes)
        throw new RangeError("read outside the file");
      const buffer = Buffer.alloc(lengthBytes);
      for (let filled = 0; filled < lengthBytes; ) {
        const { bytesRead } = await file.read(
          buffer,
          filled,
          lengthBytes - filled,
          offsetBytes + position + filled,
        );
        if (bytesRead === 0) throw new RangeError("the file ends early");
        filled += bytesRead;
      }
      return buffer;
    },
  };
}
