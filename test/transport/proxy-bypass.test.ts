import test from "ava";
import fc from "fast-check";
import { isBypassed, readBypassList } from "../../src/transport/proxy/bypass.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { startWay } from "../testkit/proxies/way.ts";

function rules(...entries: string[]) {
  const reading = readBypassList(entries);
  if (!reading.ok) throw new Error(`${reading.entry}: ${reading.problem}`);
  return reading.rules;
}

const cases: [entry: string, direct: string[], proxied: string[]][] = [
  [
    "platform.example.org",
    ["platform.example.org:443", "PLATFORM.Example.ORG.:8443"],
    ["a.platform.example.org:443", "example.org:443"],
  ],
  [
    ".example.org",
    ["a.example.org:443", "a.b.example.org:443"],
    ["example.org:443", "badexample.org:443"],
  ],
  ["*.example.org", ["a.example.org:443"], ["example.org:443"]],
  ["example.org:8443", ["example.org:8443"], ["example.org:443"]],
  [" .example.org:443 ", ["a.example.org:443"], ["a.example.org:444"]],
  ["192.0.2.7", ["192.0.2.7:443"], ["192.0.2.70:443"]],
  [
    "192.0.2.0/25",
    ["192.0.2.127:443", "::ffff:192.0.2.1:443"],
    ["192.0.2.128:443", "platform.example.org:443"],
  ],
  ["192.0.2.0/24:8443", ["192.0.2.1:8443"], ["192.0.2.1:443"]],
  [
    "2001:db8::/32",
    ["[2001:db8:ffff::1]:443", "2001:DB8::1:443"],
    ["[2001:db9::1]:443", "192.0.2.1:443"],
  ],
  ["[2001:db8::1]:443", ["[2001:db8:0:0::1]:443"], ["[2001:db8::1]:444"]],
  ["[2001:db8::]/32:443", ["[2001:db8::5]:443"], ["[2001:db8::5]:80"]],
  ["bücher.example", ["xn--bcher-kva.example:443"], ["bucher.example:443"]],
  ["*", ["anything:1", "[::1]:1"], []],
  ["", [], ["a:1"]],
];
for (const [entry, direct, proxied] of cases) {
  test(`the bypass entry ${JSON.stringify(entry)} means what it says`, (t) => {
    const read = rules(entry);
    for (const [list, expected] of [
      [direct, true],
      [proxied, false],
    ] as const)
      for (const each of list) {
        const split = each.lastIndexOf(":");
        t.is(
          isBypassed(read, { host: each.slice(0, split), port: Number(each.slice(split + 1)) }),
          expected,
          each,
        );
      }
    t.pass();
  });
}

for (const entry of [
  "example.org:0",
  "example.org:65536",
  "example.org:x",
  "192.0.2.0/33",
  "192.0.2.300",
  "10.0.0",
  "a b",
  "http://x",
  "-a.org",
  "fe80::1%eth0/64",
  "x".repeat(301),
]) {
  test(`the bypass entry ${entry.slice(0, 20)} is refused and named`, (t) => {
    const reading = readBypassList(["example.org", entry]);
    t.false(reading.ok);
    if (!reading.ok) t.is(reading.entry, entry.slice(0, 300));
  });
}

test("any entries end in rules or a reason, and none matches by surprise", (t) => {
  const word = fc.constantFrom(
    "*",
    ".",
    ":",
    "/",
    "[",
    "]",
    "a",
    "1",
    "255",
    "::",
    "443",
    "-",
    "%",
    "é",
    " ",
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.array(word, { maxLength: 8 }).map((parts) => parts.join("")),
        { maxLength: 4 },
      ),
      (entries) => {
        const reading = readBypassList(entries);
        if (reading.ok)
          t.is(
            isBypassed(reading.rules, { host: "never.example.net", port: 40_000 }),
            entries.some((entry) => /^\s*\*\s*$/.test(entry)),
          );
        else t.true(entries.some((entry) => entry.trim() === reading.entry));
      },
    ),
    { numRuns: 1000 },
  );
});

test("what is bypassed goes directly, without a proxy stage and without the proxy hearing of it", async (t) => {
  const way = await startWay({ kind: "offer", challenges: ["Basic"] });
  t.teardown(way.close);
  const url = new URL(`https://platform.example.org:${way.origin.port}`);
  const proxy = { ...way.through(noAuthentication), bypass: rules(".example.org") };
  const { error, stages } = await way.probe(proxy, {}, url);
  t.is(error, null);
  t.deepEqual(
    stages.map(({ stage }) => stage),
    ["resolve", "connect", "tls"],
  );
  t.is(way.proxy.connections(), 0);
  const other = await way.probe({ ...proxy, bypass: rules("example.org") }, {}, url);
  t.is(other.error?.code, "proxy-authentication-required");
});
