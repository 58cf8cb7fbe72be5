import test from "ava";
import fc from "fast-check";
import { type Family, formatAddress } from "../../src/base/addresses/address.ts";
import {
  type AddressRange,
  addressesOf,
  countAddresses,
  prefixesOf,
  splitRanges,
  subtractRanges,
} from "../../src/base/addresses/ranges.ts";
import { expandTargets } from "../../src/base/addresses/scan-targets.ts";

const base: Record<Family, bigint> = {
  4: 0x0a00_0000n,
  6: 0x2001_0db8_0000_0000_0000_0000_0000_0000n,
};
const family = fc.constantFrom<Family[]>(4, 6);
const offset = fc.nat(40);
const range: fc.Arbitrary<AddressRange> = fc.tuple(family, offset, offset).map(([kind, a, b]) => ({
  family: kind,
  first: base[kind] + BigInt(Math.min(a, b)),
  last: base[kind] + BigInt(Math.max(a, b)),
}));
const ranges = fc.array(range, { maxLength: 6 });
const includes = (among: readonly AddressRange[], kind: Family, address: bigint) =>
  among.some(({ family: own, first, last }) => own === kind && first <= address && address <= last);
const everyAddress = ([4, 6] as const).flatMap((kind) =>
  [...Array(60).keys()].map((number) => ({ kind, address: base[kind] + BigInt(number) })),
);

test("subtraction agrees with sets of single addresses, in both families", (t) => {
  fc.assert(
    fc.property(ranges, ranges, (targets, exclusions) => {
      const expected = everyAddress.filter(
        ({ kind, address }) =>
          includes(targets, kind, address) && !includes(exclusions, kind, address),
      );
      t.deepEqual(
        [...addressesOf(subtractRanges(targets, exclusions))],
        expected.map(({ kind, address }) => formatAddress(kind, address)),
      );
      t.is(countAddresses(subtractRanges(targets, exclusions)), expected.length);
    }),
  );
});

test("prefixes and pieces hold exactly the same addresses, and no piece has both families", (t) => {
  fc.assert(
    fc.property(ranges, fc.integer({ min: 1, max: 9 }), (targets, size) => {
      const all = [...addressesOf(targets)];
      t.deepEqual([...expandTargets([...prefixesOf(targets)], [])], all);
      const pieces = [...splitRanges(targets, size)];
      t.deepEqual(
        pieces.flatMap((piece) => [...addressesOf(piece)]),
        all,
      );
      t.true(pieces.every((piece) => new Set(piece.map((each) => each.family)).size === 1));
      // Full, but for the last of each family.
      t.true(
        pieces.every(
          (piece, index) =>
            countAddresses(piece) === size || pieces[index + 1]?.[0]?.family !== piece[0]?.family,
        ),
      );
      t.true(pieces.every((piece) => countAddresses(piece) <= size));
    }),
  );
});

test("a network of any size costs nothing", (t) => {
  const whole: AddressRange = { family: 6, first: 0n, last: 2n ** 128n - 1n };
  t.deepEqual([...prefixesOf([whole])], ["::/0"]);
  t.deepEqual([...prefixesOf([{ family: 4, first: 0n, last: 2n ** 32n - 1n }])], ["0.0.0.0/0"]);
  t.deepEqual(subtractRanges([{ family: 6, first: base[6], last: base[6] + 5n }], [whole]), []);
  t.is(
    subtractRanges([{ family: 4, first: base[4], last: base[4] }], [whole]).length,
    1,
    "the other family's is left",
  );
  t.is(
    [...prefixesOf(subtractRanges([whole], [{ family: 6, first: base[6], last: base[6] }]))].length,
    128,
  );
});
