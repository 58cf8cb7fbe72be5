/** Files of a bundle, by name. */
export type BundleFiles = ReadonlyMap<string, string | Uint8Array>;

const blockBytes = 512;

/**
 * A ustar archive (POSIX.1-1988, pax(1) "ustar Interchange Format") of small files with short
 * names.
 */
export function tar(files: BundleFiles, nowMs: number): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, text] of files) {
    const content = Buffer.from(text);
    blocks.push(
      header(name, content.length, nowMs),
      content,
      Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes),
    );
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

function header(name: string, bytes: number, nowMs: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError("the name is too long for a tar header");
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  block.write(name, 0);
  block.write(octal(0o600, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(bytes, 11), 124);
  block.write(octal(Math.floor(nowMs / 1000), 11), 136);
  block.write("        ", 148);
  block.write("0", 156);
  block.write("ustar\x0000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
