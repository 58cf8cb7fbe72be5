import test from "ava";
import fc from "fast-check";
import {
  addressesOf,
  countAddresses,
  expandTargets,
  formatAddress,
  parseAddress,
  parseTarget,
  parseTargets,
  prefixesOf,
  rangesToScan,
  splitRanges,
  subtractRanges,
} from "../../src/protocol/scan-targets.ts";

const includesAddress = (among: readonly { first: number; last: number }[], address: number) =>
  among.some(({ first, last }) => first <= address && address <= last);
const canonical = (text: string): string => {
  const parsed = parseTarget(text);
  return parsed.ok ? parsed.target.text : parsed.message;
};

test("an address, a prefix and a range are read and written in one way", (t) => {
  t.is(canonical(" 192.0.2.10 "), "192.0.2.10");
  t.is(canonical("192.0.2.77/24"), "192.0.2.0/24");
  t.is(canonical("192.0.2.1/32"), "192.0.2.1");
  t.is(canonical("192.0.2.10 - 192.0.2.20"), "192.0.2.10-192.0.2.20");
  t.is(canonical("192.0.2.10-192.0.2.10"), "192.0.2.10");
});

for (const [text, part] of [
  ["", "is not an IPv4 address"],
  ["host.example.com", "is not an IPv4 address"],
  ["-oG /etc/passwd", "is not an IPv4 address"],
  ["192.0.2.256", "is not an IPv4 address"],
  ["192.0.02.1", "is not an IPv4 address"],
  ["::1", "is not an IPv4 address"],
  ["10.0.0.0/15", "too large"],
  ["192.0.2.0/33", "above 32"],
  ["10.0.0.0-10.1.0.0", "too large"],
  ["192.0.2.20-192.0.2.10", "ends before"],
  ["192.0.2.10-20", "full IPv4 address"],
  ["224.0.0.1", "multicast"],
  ["255.255.255.255", "reserved"],
  ["0.0.0.0/16", "not a network with hosts"],
] as const) {
  test(`refused with a reason: ${JSON.stringify(text)}`, (t) => {
    const parsed = parseTarget(text);
    t.false(parsed.ok);
    if (!parsed.ok) t.true(parsed.message.includes(part), parsed.message);
  });
}

test("every wrong line of a list is named", (t) => {
  const parsed = parseTargets(["192.0.2.1", "nonsense", "10.0.0.0/8"]);
  t.false(parsed.ok);
  if (!parsed.ok)
    t.deepEqual(
      parsed.problems.map(({ index }) => index),
      [1, 2],
    );
});

test("exclusions are taken off, overlaps count once", (t) => {
  t.deepEqual([...expandTargets(["192.0.2.0/30", "192.0.2.2-192.0.2.5"], ["192.0.2.1", "192.0.2.4/31"])], ["192.0.2.0", "192.0.2.2", "192.0.2.3"]);
  t.is(countAddresses(rangesToScan(["10.1.0.0/16", "10.1.2.0/24"], ["10.1.0.0/24"])), 65_536 - 256);
  t.deepEqual(rangesToScan(["192.0.2.0/24"], ["192.0.0.0/16"]), []);
});

const address = fc.nat(40);
const range = fc.tuple(address, address).map(([a, b]) => ({ first: 0x0a00_0000 + Math.min(a, b), last: 0x0a00_0000 + Math.max(a, b) }));
const ranges = fc.array(range, { maxLength: 6 });

test("subtraction agrees with sets of single addresses", (t) => {
  fc.assert(
    fc.property(ranges, ranges, (targets, exclusions) => {
      const expected = [...Array(60).keys()]
        .map((offset) => 0x0a00_0000 + offset)
        .filter((one) => includesAddress(targets, one) && !includesAddress(exclusions, one));
      t.deepEqual([...addressesOf(subtractRanges(targets, exclusions))], expected.map(formatAddress));
    }),
  );
});

test("prefixes and pieces hold exactly the same addresses", (t) => {
  fc.assert(
    fc.property(ranges, fc.integer({ min: 1, max: 9 }), (targets, size) => {
      const all = [...addressesOf(targets)];
      t.deepEqual([...expandTargets([...prefixesOf(targets)], [])], all);
      const pieces = [...splitRanges(targets, size)];
      t.deepEqual(
        pieces.flatMap((piece) => [...addressesOf(piece)]),
        all,
      );
      t.true(pieces.every((piece, index) => (index === pieces.length - 1 ? countAddresses(piece) <= size : countAddresses(piece) === size)));
    }),
  );
});

test("any text is either refused or comes back as the same canonical text", (t) => {
  const octet = fc.nat(300).map(String);
  const likely = fc
    .tuple(octet, octet, octet, octet, fc.constantFrom("", "/24", "/16", "/99", "-10.0.0.1", " - 192.0.2.9"))
    .map(([a, b, c, d, rest]) => `${a}.${b}.${c}.${d}${rest}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), likely), (text) => {
      const parsed = parseTarget(text);
      if (!parsed.ok) return;
      t.regex(parsed.target.text, /^[0-9.]+(\/\d+|-[0-9.]+)?$/);
      t.deepEqual(parseTarget(parsed.target.text), parsed);
    }),
    { numRuns: 500 },
  );
});

test("addresses survive being written and read", (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => t.is(parseAddress(formatAddress(value)), value)));
});
