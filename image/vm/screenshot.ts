import { crc32, deflateSync } from "node:zlib";

export interface Picture {
  width: number;
  height: number;
  /** Three bytes a pixel, rows from the top. */
  pixels: Buffer;
}

const maxSide = 8192;

/** QEMU's screendump: a binary PPM ("P6", width, height, 255, pixels). */
export function parsePpm(bytes: Buffer): Picture {
  const match = /^P6\s(\d{1,5})\s(\d{1,5})\s255\s/.exec(bytes.toString("latin1", 0, 40));
  const [header, columns, rows] = match ?? [];
  if (header === undefined) throw new SyntaxError("not a binary PPM");
  const [width, height] = [Number(columns), Number(rows)];
  if (width === 0 || height === 0 || width > maxSide || height > maxSide)
    throw new RangeError("not a screen's size");
  const pixels = bytes.subarray(header.length, header.length + width * height * 3);
  if (pixels.length !== width * height * 3) throw new SyntaxError("the picture ends early");
  return { width, height, pixels };
}

/** PNG (RFC 2083): 8 bits a sample, true colour, no filters. */
export function encodePng({ width, height, pixels }: Picture): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.from([0]), pixels.subarray(y * width * 3, (y + 1) * width * 3)]),
  );
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
