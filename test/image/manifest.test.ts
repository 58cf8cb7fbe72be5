import test from "ava";
import fc from "fast-check";
import { parseManifest, renderManifest } from "../../image/ova/manifest.ts";

const digest = "0123456789abcdef".repeat(4);

test("a line has exactly the spelling that vCenter takes", (t) => {
  t.is(renderManifest(new Map([["outrider.ovf", digest]])), `SHA256(outrider.ovf)= ${digest}\n`);
});

test("what was written is read again, in its order", (t) => {
  const digests = new Map([
    ["b.ovf", digest],
    ["a.vmdk", digest.toUpperCase().toLowerCase()],
  ]);
  t.deepEqual([...parseManifest(renderManifest(digests))], [...digests]);
});

for (const [why, text] of [
  ["a space before the bracket", `SHA256 (a.ovf) = ${digest}\n`],
  ["OpenSSL 3's name of the algorithm", `SHA2-256(a.ovf)= ${digest}\n`],
  ["SHA-1", "SHA1(a.ovf)= da39a3ee5e6b4b0d3255bfef95601890afd80709\n"],
  ["a digest that is cut short", `SHA256(a.ovf)= ${digest.slice(1)}\n`],
  ["a file named twice", `SHA256(a.ovf)= ${digest}\nSHA256(a.ovf)= ${digest}\n`],
  ["a path", `SHA256(../a.ovf)= ${digest}\n`],
  ["no line end", `SHA256(a.ovf)= ${digest}`],
] as const) {
  test(`a manifest with ${why} is refused`, (t) => {
    t.throws(() => parseManifest(text), { instanceOf: SyntaxError });
  });
}

test("any text gives a manifest or a plain refusal", (t) => {
  const piece = fc.oneof(
    fc.string(),
    fc.constant(`SHA256(a.ovf)= ${digest}\n`),
    fc.constant("SHA256("),
    fc.constant(")= "),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      try {
        parseManifest(pieces.join(""));
      } catch (error) {
        if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      }
    }),
  );
  t.pass();
});
