import test, { type ExecutionContext } from "ava";
import {
  loadScreenFont,
  readScreen,
  type ScreenFont,
  screenFontFile,
} from "../../image/vm/screen-text.ts";
import type { Picture } from "../../image/vm/screenshot.ts";
import { missingFile, titled } from "../testkit/image/tools.ts";

const missing = missingFile(screenFontFile, "the font of QEMU's card (Debian package seabios)");
const fontTest = (title: string, body: (t: ExecutionContext) => Promise<void>) =>
  (missing ? test.skip : test)(titled(title, missing), body);

type Colour = readonly [red: number, green: number, blue: number];
const grey: Colour = [170, 170, 170];
const blue: Colour = [0, 0, 170];

/** The text as a card draws it; `dots` are more pixels, as x and y. */
function draw(
  rows: readonly string[],
  font: ScreenFont,
  [ink, paper]: readonly [Colour, Colour],
  dots: readonly (readonly [number, number])[] = [],
): Picture {
  const width = Math.max(...rows.map((row) => row.length)) * 8;
  const pixels = Buffer.alloc(width * rows.length * 16 * 3);
  const put = (x: number, y: number, colour: Colour) => pixels.set(colour, (y * width + x) * 3);
  for (const [index, row] of rows.entries())
    for (let y = 0; y < 16; y++)
      for (let x = 0; x < width; x++) {
        const glyph = font.find(({ letter }) => letter === (row[x >> 3] ?? " "))?.rows;
        put(x, index * 16 + y, ((glyph?.[y] ?? 0) & (0x80 >> (x & 7))) > 0 ? ink : paper);
      }
  for (const [x, y] of dots) put(x, y, ink);
  return { width, height: rows.length * 16, pixels };
}

const rows = [
  " Outrider - Home   2026-11-22 21:52 UTC (unsure)",
  "",
  " > Keyboard  (*) German (de)   ( ) French (fr)",
  " [qwertz azerty 0123456789; MTfmvwx]",
];

fontTest("what is drawn on a screen is read letter for letter, in any colours", async (t) => {
  const font = await loadScreenFont();
  t.deepEqual(readScreen(draw(rows, font, [grey, blue]), font), rows);
  t.deepEqual(readScreen(draw(rows, font, [blue, grey]), font), rows);
});

fontTest(
  "a letter under the cursor's line is itself; what is no letter is a question mark",
  async (t) => {
    const font = await loadScreenFont();
    const line = Array.from(
      { length: 16 },
      (_, index) => [8 + (index & 7), 14 + (index >> 3)] as const,
    );
    t.deepEqual(readScreen(draw(["qwertz"], font, [grey, blue], line), font), ["qwertz"]);
    const chequers = Array.from(
      { length: 128 },
      (_, index) => [index & 7, index >> 3] as const,
    ).filter(([x, y]) => x < 7 && ((x + y) & 1) === 0);
    t.deepEqual(readScreen(draw(["  z"], font, [grey, blue], chequers), font), ["? z"]);
  },
);
