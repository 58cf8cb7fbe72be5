import test from "ava";
import fc from "fast-check";
import { countAddresses } from "../../src/base/addresses/ranges.ts";
import {
  expandTargets,
  parseExclusion,
  parseTarget,
  parseTargets,
  rangesToScan,
} from "../../src/base/addresses/scan-targets.ts";

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
  t.is(canonical(" 2001:DB8:0:0::0010 "), "2001:db8::10");
  t.is(canonical("2001:db8::1234/120"), "2001:db8::1200/120");
  t.is(canonical("2001:db8::1/128"), "2001:db8::1");
  t.is(canonical("fd00::192.0.2.1"), "fd00::c000:201");
});

for (const [typed, target] of [
  ["192.0.2.1-5", "192.0.2.1-192.0.2.5"],
  ["192.0.2.1 - 5", "192.0.2.1-192.0.2.5"],
  ["192.0.2.7-7", "192.0.2.7"],
  ["192.0.2.*", "192.0.2.0/24"],
  ["192.0.*.*", "192.0.0.0/16"],
  ["192.0.2.1/255.255.255.0", "192.0.2.0/24"],
  ["192.0.2.1 / 255.255.255.192", "192.0.2.0/26"],
  ["192.0.2.1/255.255.255.255", "192.0.2.1"],
  ["192.0.2.1\u2013192.0.2.5", "192.0.2.1-192.0.2.5"],
  ["192.0.2.1 \u2014 5", "192.0.2.1-192.0.2.5"],
  ["192.0.2.1\u2011192.0.2.5", "192.0.2.1-192.0.2.5"],
  ["\ufeff192.0.2.1\u200b", "192.0.2.1"],
  ["192.0.2.1\t-\t5", "192.0.2.1-192.0.2.5"],
  ["192.0.2.0 255.255.255.0", "192.0.2.0/24"],
  ["192.0.2.0\t255.255.255.128", "192.0.2.0/25"],
  ["\u00a0192.0.2.0/24\u00a0", "192.0.2.0/24"],
] as const)
  test(`as people and documents write it: ${JSON.stringify(typed)}`, (t) => {
    t.is(canonical(typed), target);
  });

test("one entry may list several targets", (t) => {
  const parsed = parseTargets(["192.0.2.1,192.0.2.9-12; 2001:db8::1", "192.0.2.*\n192.0.2.1"]);
  t.true(parsed.ok);
  if (parsed.ok)
    t.deepEqual(
      parsed.targets.map(({ text }) => text),
      ["192.0.2.1", "192.0.2.9-192.0.2.12", "2001:db8::1", "192.0.2.0/24"],
    );
  const wrong = parseTargets(["192.0.2.1, nonsense", " "]);
  t.false(wrong.ok);
  if (!wrong.ok)
    t.deepEqual(
      wrong.problems.map(({ index, text }) => [index, text]),
      [
        [0, "nonsense"],
        [1, " "],
      ],
    );
});

for (const [text, part] of [
  ["", "is not an IPv4 or IPv6 address"],
  ["host.example.com", "is a name"],
  ["münchen.example", "is a name"],
  ["xn--mnchen-3ya.example.", "is a name"],
  ["printer_2", "is a name"],
  ["192.0.2.1-", "is not a range that is understood"],
  ["192.0.1-5.10", "is not a range that is understood"],
  ["192.0.*.1", "is not a range that is understood"],
  ["192.0.*", "is not a range that is understood"],
  ["*", "is not a range that is understood"],
  ["10.*.*.*", "too large: the prefix length must be 16 to 32"],
  ["192.0.2.0/255.0.255.0", "has all its ones first"],
  ["192.0.2.0/0.0.0.255", "has all its ones first"],
  ["192.0.2.0/255.255.255.300", "has all its ones first"],
  ["192.0.2.5/0.0.0.0", "has all its ones first"],
  ["192.0.2.1\u00ad9", "is not an IPv4 or IPv6 address"],
  ["192.0.2.1\u200b5", "is not an IPv4 or IPv6 address"],
  ["192.0\u00ad.2.1", "is not an IPv4 or IPv6 address"],
  ["192.0.2.0/030", "is not an IPv4 or IPv6 address"],
  ["127.0.0.1", "the scanner itself"],
  ["127.0.0.0/16", "the scanner itself"],
  ["169.254.169.254", "link-local"],
  ["169.254.0.0/16", "link-local"],
  ["-oG /etc/passwd", "is not an IPv4 or IPv6 address"],
  ["192.0.2.256", "is not an IPv4 or IPv6 address"],
  ["192.0.02.1", "is not an IPv4 or IPv6 address"],
  ["::1", "the scanner itself"],
  ["::", "holds no hosts"],
  ["::192.0.2.1", "holds no hosts"],
  ["::ffff:192.0.2.1", "write it as IPv4"],
  ["fe80::1", "link-local"],
  ["fe80::/120", "link-local"],
  ["fe80::/10", "link-local"],
  ["fe80::1%eth0", "zone"],
  ["2001:db8::1%1", "zone"],
  ["fec0::1", "site-local"],
  ["ff02::1", "multicast"],
  ["2001:db8::/119", "too large: the prefix length must be 120 to 128"],
  ["2001:db8::/64", "too large"],
  ["2001:db8::/129", "above 128"],
  ["2001:db8::1-2001:db8::9", "is a range of IPv6"],
  ["2001:db8::1-9", "is a range of IPv6"],
  ["2001:db8", "is not an IPv4 or IPv6 address"],
  ["2001:db8:::1", "is not an IPv4 or IPv6 address"],
  ["1:2:3:4:5:6:7:8:9", "is not an IPv4 or IPv6 address"],
  ["::/0", "too large"],
  ["10.0.0.0/15", "too large"],
  ["192.0.2.0/33", "above 32"],
  ["10.0.0.0-10.1.0.0", "too large"],
  ["192.0.2.20-192.0.2.10", "ends before"],
  ["192.0.2.20-10", "ends before"],
  ["192.0.2.10-300", "full IPv4 address"],
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
  t.deepEqual(
    [...expandTargets(["192.0.2.0/30", "192.0.2.2-192.0.2.5"], ["192.0.2.1", "192.0.2.4/31"])],
    ["192.0.2.0", "192.0.2.2", "192.0.2.3"],
  );
  t.is(countAddresses(rangesToScan(["10.1.0.0/16", "10.1.2.0/24"], ["10.1.0.0/24"])), 65_536 - 256);
  t.deepEqual(rangesToScan(["192.0.2.0/24"], ["192.0.0.0/16"]), []);
});

test("one list can have targets of both families", (t) => {
  t.deepEqual(
    [...expandTargets(["2001:db8::/126", "192.0.2.0/31"], ["2001:db8::1", "192.0.2.0"])],
    ["192.0.2.1", "2001:db8::", "2001:db8::2", "2001:db8::3"],
  );
});

for (const [typed, part] of [
  ["255.255.255.0", "is a mask and no host"],
  ["0.0.0.255", "is a mask and no host"],
  ["::ffff:192.0.2.5", "write it as IPv4"],
] as const)
  test(`an exclusion that would exclude less than is meant is refused: ${typed}`, (t) => {
    const parsed = parseExclusion(typed);
    t.true(!parsed.ok && parsed.message.includes(part));
  });

test("a bulleted list is no range, and a long gap costs no time", (t) => {
  for (const gap of ["\v", "\n", "\u2028", "\r\n"])
    t.false(parseTargets([`192.0.2.1${gap}- 192.0.2.9`]).ok, JSON.stringify(gap));
  // Quadratic, this would take minutes.
  t.false(parseTargets([`1${" ".repeat(1_000_000)}1`]).ok);
  t.false(parseTargets([" ".repeat(1_000_000)]).ok);
});

test("an exclusion may be of any size and kind", (t) => {
  for (const text of [
    "10.0.0.0/8",
    "0.0.0.0/0",
    "2001:db8::/32",
    "::/0",
    "fe80::/10",
    "10.0.0.0-10.9.9.9",
  ]) {
    const parsed = parseExclusion(text);
    t.true(parsed.ok && parsed.target.text === text, text);
  }
  t.false(parseExclusion("printer.example.com").ok);
  t.deepEqual(
    rangesToScan(["2001:db8::/120", "192.0.2.0/24"], ["2001:db8::/32", "192.0.0.0/8"]),
    [],
  );
  t.is(countAddresses(rangesToScan(["2001:db8::/120"], ["2001:db8::80/121"])), 128);
});

test("any text is either refused or comes back as the same canonical text", (t) => {
  const octet = fc.nat(300).map(String);
  const likely = fc
    .tuple(
      octet,
      octet,
      octet,
      octet,
      fc.constantFrom("", "/24", "/99", "-10.0.0.1", " - 192.0.2.9", "-9", ".*", "/255.255.0.0"),
    )
    .map(([a, b, c, d, rest]) => `${a}.${b}.${c}.${d}${rest}`);
  const group = fc.oneof(
    fc.nat(0x1ffff).map((number) => number.toString(16)),
    fc.constantFrom("", "", "0", "fe80", "2001", "db8", "192.0.2.1"),
  );
  const likely6 = fc
    .tuple(
      fc.array(group, { minLength: 2, maxLength: 9 }),
      fc.constantFrom("", "/120", "/121", "/128", "/64", "/129", "%eth0", "-2001:db8::9", " "),
    )
    .map(([groups, rest]) => `${groups.join(":")}${rest}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), likely, likely6), (text) => {
      for (const parse of [parseTarget, parseExclusion]) {
        const parsed = parse(text);
        if (!parsed.ok) continue;
        // The text can become neither an option of a program nor a second line of a file.
        t.regex(parsed.target.text, /^[0-9a-f.:]+(\/\d+|-[0-9.]+)?$/);
        t.true(parsed.target.text.length <= 50 && parsed.target.first <= parsed.target.last);
        t.deepEqual(parse(parsed.target.text), parsed);
        // Every target is also a valid exclusion.
        if (parse === parseTarget) t.deepEqual(parseExclusion(text), parsed);
      }
    }),
    { numRuns: 1000 },
  );
});
