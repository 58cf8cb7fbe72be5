import test from "ava";
import fc from "fast-check";
import { readyIpv6Addresses } from "../../src/scan/run/ipv6-ready.ts";

/** As the kernel prints it (net/ipv6/addrconf.c, if6_seq_show). */
const row = (address: string, flags: string, device = "lan0") =>
  `${address} 02 40 20 ${flags} ${device.padStart(8)}\n`;
const local = "fe8000000000000068d05bfffe69c113";
const global = "20010db8000000000000000000000002";
const second = "20010db8000000000000000000000003";

test("addresses of the card are read, link-local ones and other cards' left out", (t) => {
  const text = row(global, "82") + row(second, "80", "wan0") + row(local, "80");
  t.deepEqual(readyIpv6Addresses(text, "lan0"), ["2001:db8::2"]);
  t.deepEqual(readyIpv6Addresses(text, "wan0"), ["2001:db8::3"]);
  t.deepEqual(readyIpv6Addresses(text, "lan"), []);
});

test("nothing can be sent while the kernel tests the link-local address, also where the others are ready", (t) => {
  // As seen on a card that had just come up, where nmap found none of its neighbours.
  t.deepEqual(readyIpv6Addresses(row(global, "82") + row(local, "c0"), "lan0"), []);
  t.deepEqual(readyIpv6Addresses(row(local, "c0") + row(global, "82"), "lan0"), []);
});

test("an address that is being tested, or is somebody else's too, is not counted", (t) => {
  const text = (flags: string) => row(local, "80") + row(global, flags) + row(second, "80");
  t.deepEqual(readyIpv6Addresses(text("c0"), "lan0"), ["2001:db8::3"]);
  t.deepEqual(readyIpv6Addresses(text("c8"), "lan0"), ["2001:db8::3"]);
  // RFC 4429: an optimistic address may be used while it is tested.
  t.deepEqual(readyIpv6Addresses(text("c4"), "lan0"), ["2001:db8::2", "2001:db8::3"]);
});

test("a card without a link-local address, or with a duplicate one, is used all the same", (t) => {
  t.deepEqual(readyIpv6Addresses(row(global, "82"), "lan0"), ["2001:db8::2"]);
  t.deepEqual(readyIpv6Addresses(row(local, "c8") + row(global, "82"), "lan0"), ["2001:db8::2"]);
});

test("whatever stands in the file, reading it never throws", (t) => {
  const word = fc.constantFrom(global, local, "02", "40", "c0", "zz", " ", "\n", "lan0");
  const words = fc.array(word).map((each) => each.join(" "));
  const rows = fc.array(
    fc.tuple(fc.constantFrom(global, local), fc.constantFrom("80", "c0", "c8")),
  );
  const kernel = rows.map((each) => each.map(([address, flags]) => row(address, flags)).join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string(), words, kernel), (text) => {
      const found = readyIpv6Addresses(text, "lan0");
      t.true(found.every((address) => address === "2001:db8::2"));
    }),
  );
});
