import test from "ava";
import fc from "fast-check";
import { encodePng, parsePpm } from "../../image/vm/screenshot.ts";

const sample = Buffer.concat([Buffer.from("P6\n2 1\n255\n"), Buffer.from([1, 2, 3, 4, 5, 6])]);

test("a screendump is read", (t) => {
  t.deepEqual(parsePpm(sample), { width: 2, height: 1, pixels: Buffer.from([1, 2, 3, 4, 5, 6]) });
});

test("a PNG says its size and ends as it should", (t) => {
  const png = encodePng(parsePpm(sample));
  t.is(png.toString("latin1", 1, 4), "PNG");
  t.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [2, 1]);
  t.is(png.toString("hex", png.length - 12), "0000000049454e44ae426082");
});

test("any bytes are a picture or a plain refusal", (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(99_999),
      fc.nat(99_999),
      (bytes, width, height) => {
        for (const input of [
          Buffer.from(bytes),
          Buffer.concat([Buffer.from(`P6 ${width} ${height} 255 `), bytes]),
        ]) {
          try {
            parsePpm(input);
          } catch (error) {
            if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
          }
        }
      },
    ),
  );
  t.pass();
});
