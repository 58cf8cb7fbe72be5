import { BlockList, isIP } from "node:net";
import test from "ava";
import fc from "fast-check";
import {
  type Address,
  addressBits,
  addressOfBytes,
  bytesOfAddress,
  formatAddress,
  formsOf,
  parseAddress,
} from "../../src/base/addresses/address.ts";
import { isLinkLocal, parseIpv6 } from "../../src/base/addresses/ipv6.ts";
import {
  contains,
  firstOf,
  formatNetwork,
  lastOf,
  lengthOfMask,
  overlaps,
  type Prefix,
  parsePrefix,
  prefixOfAddress,
} from "../../src/base/addresses/prefix.ts";

/** Many zeros and ones, so that edges and short forms are met. */
const value = (bits: number) =>
  fc
    .array(fc.oneof(fc.constantFrom(0, 255), fc.nat(255)), {
      minLength: bits / 8,
      maxLength: bits / 8,
    })
    .map((bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n));
const address: fc.Arbitrary<Address> = fc.oneof(
  value(32).map((number) => ({ family: 4 as const, value: number })),
  value(128).map((number) => ({ family: 6 as const, value: number })),
);
const prefix: fc.Arbitrary<Prefix> = fc
  .tuple(address, fc.nat(128))
  .map(([{ family, value: number }, length]) => ({
    family,
    address: number,
    length: Math.min(length, addressBits[family]),
  }));

/** The address's bits as text: an oracle without arithmetic. */
const bitsOf = ({ family, address: number }: Pick<Prefix, "family" | "address">) =>
  number.toString(2).padStart(addressBits[family], "0");
const nodeFamily = (family: 4 | 6) => (family === 4 ? "ipv4" : "ipv6");

test("addresses are read as they are written, of both families", (t) => {
  fc.assert(
    fc.property(address, (one) => {
      const text = formatAddress(one.family, one.value);
      t.is(isIP(text), one.family);
      t.deepEqual(parseAddress(text), one);
    }),
  );
});

test("IPv6 addresses are written as RFC 5952 has it", (t) => {
  for (const [groups, text] of [
    [[0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], "2001:db8::1"],
    [[0, 0, 0, 0, 0, 0, 0, 1], "::1"],
    [[0, 0, 0, 0, 0, 0, 0, 0], "::"],
    [[0xfe80, 0, 0, 0, 0, 0, 0, 0], "fe80::"],
    [[0x2001, 0, 0, 1, 0, 0, 0, 1], "2001:0:0:1::1"],
    [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], "2001:db8:0:1:1:1:1:1"],
  ] as const) {
    const read = addressOfBytes(groups.flatMap((group) => [group >> 8, group & 255]));
    t.is(read && formatAddress(read.family, read.value), text);
  }
  fc.assert(
    fc.property(value(128), (number) => {
      const text = formatAddress(6, number);
      t.is(new URL(`http://[${text}]/`).hostname, `[${text}]`, "as WHATWG URL writes it");
    }),
  );
});

test("texts are addresses where node:net says so", (t) => {
  const almost = fc
    .array(
      fc.constantFrom("0", "1", "ff", "abcd", "00001", "g", ":", "::", ".", "1.2.3.4", "256"),
      {
        maxLength: 12,
      },
    )
    .map((parts) => parts.join(""));
  const grouped = fc
    .array(fc.constantFrom("0", "1", "db8", "FFFF", ""), { minLength: 1, maxLength: 9 })
    .map((parts) => parts.join(":"));
  fc.assert(
    fc.property(fc.oneof(almost, grouped, fc.ipV4(), fc.ipV6()), (text) => {
      t.is(parseAddress(text)?.family ?? 0, isIP(text) as 0 | 4 | 6, text);
    }),
    { numRuns: 1000 },
  );
  t.is(parseAddress("192.0.2.010"), null, "a leading zero may be octal");
  t.is(parseIpv6("fe80::1%eth0"), null, "a zone names an interface of one machine");
});

test("an address is its bytes in network order", (t) => {
  fc.assert(
    fc.property(address, (one) => {
      const bytes = bytesOfAddress(one);
      t.is(bytes.length * 8, addressBits[one.family]);
      t.deepEqual(addressOfBytes(bytes), one);
      t.is(
        bytes.map((byte) => byte.toString(2).padStart(8, "0")).join(""),
        bitsOf({ family: one.family, address: one.value }),
      );
    }),
  );
  t.is(addressOfBytes([1, 2, 3]), null);
});

test("prefixes are read with and without a length", (t) => {
  fc.assert(
    fc.property(prefix, (one) => {
      const text = formatAddress(one.family, one.address);
      t.deepEqual(parsePrefix(`${text}/${one.length}`), one);
      t.deepEqual(parsePrefix(text), prefixOfAddress({ family: one.family, value: one.address }));
    }),
  );
  for (const text of ["", "192.0.2.0/33", "2001:db8::/129", "192.0.2.0/", "192.0.2.0/8/8", "x/8"])
    t.is(parsePrefix(text), null, text);
});

test("a network begins with its prefix's bits, then zeros, and ends with ones", (t) => {
  fc.assert(
    fc.property(prefix, (one) => {
      const { family, length } = one;
      const kept = bitsOf(one).slice(0, length);
      const most = addressBits[family];
      t.is(bitsOf({ family, address: firstOf(one) }), kept.padEnd(most, "0"));
      t.is(bitsOf({ family, address: lastOf(one) }), kept.padEnd(most, "1"));
      t.is(formatNetwork(one), `${formatAddress(family, firstOf(one))}/${length}`);
    }),
  );
});

test("an address is in a network where node:net's block list says so", (t) => {
  /** An address that shares some bits with the network, so that both answers are met. */
  const near = fc.tuple(prefix, address, fc.nat(128)).map(([network, other, same]) => {
    const { family } = network;
    const bits = addressBits[family];
    const own = bitsOf(network).slice(0, Math.min(same, bits));
    const rest = (other.value % 2n ** BigInt(bits)).toString(2).padStart(bits, "0");
    return [network, { family, value: BigInt(`0b${own}${rest.slice(own.length)}`) }] as const;
  });
  fc.assert(
    fc.property(near, ([network, one]) => {
      const text = formatAddress(one.family, one.value);
      const list = new BlockList();
      const family = nodeFamily(network.family);
      list.addSubnet(formatAddress(network.family, network.address), network.length, family);
      t.is(contains(network, prefixOfAddress(one)), list.check(text, family));
    }),
    { numRuns: 500 },
  );
  t.true(contains({ family: 6, address: 0x2001_0db8n << 96n, length: 64 }, ipv6("2001:db8::53")));
  t.false(contains({ family: 4, address: 0n, length: 0 }, ipv6("::1")), "of another family");
});

const ipv6 = (text: string) => prefixOfAddress({ family: 6, value: parseIpv6(text) ?? 0n });

test("networks overlap where one begins with all bits of the other", (t) => {
  fc.assert(
    fc.property(prefix, prefix, fc.boolean(), (one, two, isNear) => {
      const other = isNear
        ? { ...one, length: Math.min(two.length, addressBits[one.family]) }
        : two;
      const [a, b] = [one, other].map((each) => bitsOf(each).slice(0, each.length));
      const begins = (a ?? "").startsWith(b ?? "") || (b ?? "").startsWith(a ?? "");
      t.is(overlaps(one, other), one.family === other.family && begins);
    }),
  );
});

test("a mask has a length when its ones are all on the left", (t) => {
  for (let length = 0; length <= 32; length++)
    t.is(lengthOfMask(Number(`0b${"1".repeat(length).padEnd(32, "0")}`)), length);
  for (const mask of [0x00ff_ffff, 0xff00_ff00, 1, 0x7fff_ffff]) t.is(lengthOfMask(mask), null);
});

test("an IPv4 address has an IPv4-mapped form, and no other address has two forms", (t) => {
  const forms = (text: string) => {
    const address = parseAddress(text);
    return address && formsOf(address).map(({ family, value }) => formatAddress(family, value));
  };
  t.deepEqual(forms("192.0.2.1"), ["192.0.2.1", "::ffff:c000:201"]);
  t.deepEqual(forms("::ffff:192.0.2.1"), ["::ffff:c000:201", "192.0.2.1"]);
  for (const text of ["2001:db8::1", "::1:0:0", "::fffe:0:1"]) t.deepEqual(forms(text), [text]);
});

test("a network holds either form of an address where node:net's block list says so", (t) => {
  fc.assert(
    fc.property(prefix, address, fc.boolean(), (network, one, isOwn) => {
      const asked = isOwn ? { family: network.family, value: network.address } : one;
      const list = new BlockList();
      const text = formatAddress(network.family, network.address);
      list.addSubnet(text, network.length, nodeFamily(network.family));
      t.is(
        formsOf(asked).some((form) => contains(network, prefixOfAddress(form))),
        list.check(formatAddress(asked.family, asked.value), nodeFamily(asked.family)),
      );
    }),
    { numRuns: 1000 },
  );
});

test("link-local addresses are those of fe80::/10", (t) => {
  for (const [text, expected] of [
    ["fe80::1", true],
    ["febf:ffff::1", true],
    ["fec0::1", false],
    ["fe7f::1", false],
    ["::", false],
  ] as const)
    t.is(isLinkLocal(parseIpv6(text) ?? 0n), expected, text);
});
