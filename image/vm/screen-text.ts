import { readFile } from "node:fs/promises";
import type { Picture } from "./screenshot.ts";

const cellWidth = 8;
const cellHeight = 16;
const firstCode = 0x20;
const lastCode = 0x7e;
/**
 * The firmware of QEMU's card, of the Debian package seabios, without which qemu-system-x86 has no
 * screen. Its letters are those that the kernel draws.
 */
export const screenFontFile = "/usr/share/seabios/vgabios-stdvga.bin";
const capitalA = Buffer.from("000010386cc6c6fec6c6c6c600000000", "hex");
/** Most pixels by which a letter may differ, as under the cursor's line. */
const mostPixelsOff = 20;

/**
 * Letters that the kernel draws narrower than the firmware does, measured on the kernel's screen.
 */
const narrowLetters: Readonly<Record<string, string>> = {
  "0": "0000386cc6c6d6d6c6c66c3800000000",
  M: "0000c6eefefed6c6c6c6c6c600000000",
  T: "00007e7e5a1818181818183c00000000",
  f: "00001c36323078303030307800000000",
  m: "0000000000ecfed6d6d6d6c600000000",
  v: "0000000000c6c6c6c6c66c3800000000",
  w: "0000000000c6c6d6d6d6fe6c00000000",
  x: "0000000000c66c3838386cc600000000",
};

/** Letters with sixteen rows of eight pixels each; one may have two forms. */
export type ScreenFont = readonly { letter: string; rows: Buffer }[];

export async function loadScreenFont(): Promise<ScreenFont> {
  const firmware = await readFile(screenFontFile);
  const start = firmware.indexOf(capitalA) - 0x41 * cellHeight;
  if (start < 0) throw new Error(`${screenFontFile} has no font of 8 by 16 pixels`);
  const codes = Array.from({ length: lastCode - firstCode + 1 }, (_, index) => firstCode + index);
  return [
    ...Object.entries(narrowLetters).map(([letter, rows]) => ({
      letter,
      rows: Buffer.from(rows, "hex"),
    })),
    ...codes.map((code) => ({
      letter: String.fromCharCode(code),
      rows: firmware.subarray(start + code * cellHeight, start + (code + 1) * cellHeight),
    })),
  ];
}

/** The rows of a text screen, exactly as they are drawn; "?" for a cell that is not a letter. */
export function readScreen(picture: Picture, font: ScreenFont): string[] {
  const columns = Math.floor(picture.width / cellWidth);
  const known = new Map<string, string>();
  const letterAt = (column: number, row: number): string => {
    const cell = cellAt(picture, column, row);
    const key = cell.toString("latin1");
    const letter = known.get(key) ?? letterOf(cell, font);
    known.set(key, letter);
    return letter;
  };
  return Array.from({ length: Math.floor(picture.height / cellHeight) }, (_, row) =>
    Array.from({ length: columns }, (_unused, column) => letterAt(column, row))
      .join("")
      .trimEnd(),
  );
}

/** A pixel is drawn when it has not the colour of most pixels of its cell. */
function cellAt({ width, pixels }: Picture, column: number, row: number): Buffer {
  const colours: number[] = [];
  for (let y = 0; y < cellHeight; y++)
    for (let x = 0; x < cellWidth; x++)
      colours.push(
        pixels.readUIntBE(((row * cellHeight + y) * width + column * cellWidth + x) * 3, 3),
      );
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const [[background] = [0]] = [...counts].sort((a, b) => b[1] - a[1]);
  const cell = Buffer.alloc(cellHeight);
  for (const [index, colour] of colours.entries())
    if (colour !== background)
      cell.writeUInt8(cell.readUInt8(index >> 3) | (0x80 >> (index & 7)), index >> 3);
  return cell;
}

function letterOf(cell: Buffer, font: ScreenFont): string {
  if (cell.every((bits) => bits === 0)) return " ";
  let best = { letter: "?", off: mostPixelsOff + 1 };
  for (const { letter, rows } of font) {
    const off = pixelsOff(cell, rows);
    if (off < best.off) best = { letter, off };
  }
  return best.letter;
}

function pixelsOff(cell: Buffer, glyph: Buffer): number {
  let off = 0;
  for (const [row, bits] of cell.entries())
    for (let different = bits ^ (glyph[row] ?? 0); different > 0; different &= different - 1)
      off += 1;
  return off;
}
