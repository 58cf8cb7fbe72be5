import { encodeTarHeader, tarEnd, tarPadding } from "./tar-header.ts";

/** Files of a bundle, by name. */
export type BundleFiles = ReadonlyMap<string, string | Uint8Array>;

/** A ustar archive of small files, readable by their owner only, with names of at most 100 bytes. */
export function tar(files: BundleFiles, nowMs: number): Buffer {
  const modifiedSeconds = Math.floor(nowMs / 1000);
  const pieces: Buffer[] = [];
  for (const [name, text] of files) {
    const content = Buffer.from(text);
    const sizeBytes = content.length;
    pieces.push(
      encodeTarHeader({ name, mode: 0o600, sizeBytes, modifiedSeconds }),
      content,
      Buffer.alloc(tarPadding(sizeBytes)),
    );
  }
  return Buffer.concat([...pieces, tarEnd]);
}
