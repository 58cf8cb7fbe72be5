import test from "ava";
import fc from "fast-check";
import { readPacAnswer } from "../../src/transport/pac/answer.ts";
import { pacFunctions } from "../../src/transport/pac/functions.ts";
import { matchesGlob } from "../../src/transport/pac/globs.ts";
import { readPacReply } from "../../src/transport/pac/messages.ts";
import {
  dateRange,
  type PacArgument,
  timeRange,
  weekdayRange,
} from "../../src/transport/pac/times.ts";

const names = new Map([
  ["www.example.org", ["2001:db8::1", "198.51.100.7"]],
  ["v6.example.org", ["2001:db8::2"]],
]);
const functions = pacFunctions({
  nowMs: 0,
  ownAddress: "192.0.2.10",
  addressesOf: (name) => names.get(name) ?? [],
});
const call = (name: string, ...parameters: PacArgument[]) => functions[name]?.(...parameters);

test("sortIpAddressList puts IPv6 first, each family in ascending order", (t) => {
  const cases: [string, PacArgument][] = [
    [
      "10.2.3.9;2001:4898:28:3:201:2ff:feea:fc14;::1;127.0.0.1;::9",
      "::1;::9;2001:4898:28:3:201:2ff:feea:fc14;10.2.3.9;127.0.0.1",
    ],
    ["10.10.0.1; 9.9.9.9 ;10.9.0.1", "9.9.9.9;10.9.0.1;10.10.0.1"],
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8::10;2001:db8::9", "2001:db8::9;2001:db8::10"],
    ["", false],
    ["192.0.2.1;www", false],
    ["192.0.2.1;", false],
  ];
  for (const [list, sorted] of cases) t.is(call("sortIpAddressList", list), sorted, list);
});

test("hosts are compared as browsers do it", (t) => {
  const cases: [PacArgument | undefined, PacArgument][] = [
    [call("isPlainHostName", "www"), true],
    [call("isPlainHostName", "www.example.org"), false],
    [call("isPlainHostName", "2001:db8::1"), false],
    [call("dnsDomainIs", "www.Example.org", ".example.org"), true],
    [call("dnsDomainIs", "www", ".example.org"), false],
    [call("localHostOrDomainIs", "www.example.org", "www.example.org"), true],
    [call("localHostOrDomainIs", "www", "www.example.org"), true],
    [call("localHostOrDomainIs", "home.example.org", "www.example.org"), false],
    [call("localHostOrDomainIs", "ww", "www.example.org"), false],
    [call("isResolvable", "www.example.org"), true],
    [call("isResolvable", "v6.example.org"), false],
    [call("isResolvableEx", "v6.example.org"), true],
    [call("isResolvable", "nowhere.example.org"), false],
    [call("dnsResolve", "www.example.org"), "198.51.100.7"],
    [call("dnsResolve", "nowhere.example.org"), null],
    [call("isInNet", "198.51.100.7", "198.51.100.0", "255.255.255.0"), true],
    [call("isInNet", "www.example.org", "198.51.100.0", "255.255.255.0"), true],
    [call("isInNet", "www.example.org", "198.51.101.0", "255.255.255.0"), false],
    [call("isInNet", "nowhere.example.org", "0.0.0.0", "0.0.0.0"), false],
    [call("isInNet", "255.255.255.255", "255.255.255.0", "255.255.255.0"), true],
    [call("isInNetEx", "v6.example.org", "2001:db8::/32"), true],
    [call("isInNetEx", "v6.example.org", "2001:db9::/32"), false],
    [call("isInNetEx", "www.example.org", "rubbish/99"), false],
    [call("myIpAddress"), "192.0.2.10"],
    [call("dnsDomainLevels", "www.example.org"), 2],
    [call("shExpMatch", "http://home.example.org/people/ari/index.html", "*/ari/*"), true],
    [call("shExpMatch", "http://home.example.org/people/montulli/index.html", "*/ari/*"), false],
    [call("convert_addr", "104.16.41.2"), 1745889538],
  ];
  for (const [index, [found, wanted]] of cases.entries()) t.is(found, wanted, `case ${index}`);
});

/** 2026-03-04 12:34:56 UTC, a Wednesday. */
const wednesday = Date.UTC(2026, 2, 4, 12, 34, 56);

test("weekdays, dates and times are ranges with both ends, which may go over the turn", (t) => {
  const cases: [boolean, boolean][] = [
    [weekdayRange(["WED", "GMT"], wednesday), true],
    [weekdayRange(["MON", "FRI", "GMT"], wednesday), true],
    [weekdayRange(["FRI", "MON", "GMT"], wednesday), false],
    [weekdayRange(["SAT", "WED", "GMT"], wednesday), true],
    [weekdayRange(["XYZ", "GMT"], wednesday), false],
    [timeRange([12, "GMT"], wednesday), true],
    [timeRange([13, "GMT"], wednesday), false],
    [timeRange([8, 12, "GMT"], wednesday), true],
    [timeRange([8, 11, "GMT"], wednesday), false],
    [timeRange([22, 13, "GMT"], wednesday), true],
    [timeRange([8, 0, 12, 34, "GMT"], wednesday), true],
    [timeRange([8, 0, 12, 33, "GMT"], wednesday), false],
    [timeRange([12, 34, 56, 12, 34, 57, "GMT"], wednesday), true],
    [timeRange([12, 34, 57, 12, 34, 59, "GMT"], wednesday), false],
    [timeRange([1, 2, 3, "GMT"], wednesday), false],
    [dateRange([4, "GMT"], wednesday), true],
    [dateRange(["MAR", "GMT"], wednesday), true],
    [dateRange([2026, "GMT"], wednesday), true],
    [dateRange([2025, "GMT"], wednesday), false],
    [dateRange([1, 15, "GMT"], wednesday), true],
    [dateRange(["DEC", "MAR", "GMT"], wednesday), true],
    [dateRange(["APR", "NOV", "GMT"], wednesday), false],
    [dateRange([1, "MAR", 4, "MAR", "GMT"], wednesday), true],
    [dateRange([24, "DEC", 3, "MAR", "GMT"], wednesday), false],
    [dateRange([1, "JUN", 2025, 15, "AUG", 2026, "GMT"], wednesday), true],
    [dateRange([1, "JUN", 2026, 15, "AUG", 2025, "GMT"], wednesday), false],
    [dateRange([1, "MAR", 2026, "GMT"], wednesday), false],
  ];
  for (const [index, [found, wanted]] of cases.entries()) t.is(found, wanted, `case ${index}`);
});

test("an answer is a list in its order; what is not known is passed over", (t) => {
  const proxy = (host: string, port: number, tls = false) => ({
    kind: "http" as const,
    host,
    port,
    tls,
  });
  const socks = (host: string, port: number) => ({
    kind: "socks5" as const,
    host,
    port,
    tls: false,
  });
  t.deepEqual(readPacAnswer(""), [{ kind: "direct" }]);
  t.deepEqual(readPacAnswer(" ; "), [{ kind: "direct" }]);
  t.deepEqual(readPacAnswer("PROXY proxy.example.org:8080; DIRECT"), [
    proxy("proxy.example.org", 8080),
    { kind: "direct" },
  ]);
  t.deepEqual(readPacAnswer("proxy w; HTTPS x:8443;SOCKS5 y;SOCKS [2001:db8::1]:99"), [
    proxy("w", 80),
    proxy("x", 8443, true),
    socks("y", 1080),
    socks("2001:db8::1", 99),
  ]);
  t.deepEqual(readPacAnswer("PROXY pr\u00f6xy.example:8080; SOCKS \u4f8b\u3048.example"), [
    proxy("xn--prxy-6qa.example", 8080),
    socks("xn--r8jz45g.example", 1080),
  ]);
  for (const rubbish of [
    "PROXY \ud800:1",
    "PROXY \u00fc/b:1",
    "PROXY anna:pw@\u00fc:1",
    "SOCKS4 a:1",
    "PROXY",
    "PROXY a:0",
    "PROXY a:65536",
    "PROXY a b",
    "PROXY [1]:2",
    "PROXY a/b:1",
    "DIRECT now",
    "constructor a:1",
  ])
    t.deepEqual(readPacAnswer(rubbish), [], rubbish);
  t.is(readPacAnswer("PROXY a:1;".repeat(300)).length, 10);
});

test("patterns match as a slow and plain reading of them does, and are never slow", (t) => {
  const plainly = (text: string, pattern: string): boolean => {
    if (pattern === "") return text === "";
    if (pattern[0] === "*")
      return plainly(text, pattern.slice(1)) || (text !== "" && plainly(text.slice(1), pattern));
    return (
      text !== "" &&
      (pattern[0] === "?" || pattern[0] === text[0]) &&
      plainly(text.slice(1), pattern.slice(1))
    );
  };
  const letters = (most: number, ...more: string[]) =>
    fc.array(fc.constantFrom("a", "b", ...more), { maxLength: most }).map((each) => each.join(""));
  fc.assert(
    fc.property(
      letters(10),
      letters(7, "*", "?"),
      (text, pattern) => matchesGlob(text, pattern) === plainly(text, pattern),
    ),
  );
  t.false(matchesGlob("a".repeat(4096), `${"a*".repeat(2000)}b`));
});

test("any answer of the script or its process is parsed or refused, never trusted", (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      for (const hop of readPacAnswer(text))
        if (hop.kind !== "direct") t.true(hop.port >= 1 && hop.port <= 65_535 && hop.host !== "");
      readPacReply(text);
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const reply = readPacReply(JSON.stringify(value));
      t.true(reply === null || typeof reply.kind === "string");
    }),
  );
  t.is(readPacReply('{"kind":"missing","names":[1]}'), null);
  t.is(readPacReply('{"kind":"answer"}'), null);
  t.deepEqual(readPacReply('{"kind":"answer","answer":"DIRECT"}'), {
    kind: "answer",
    answer: "DIRECT",
  });
});

test("the functions take anything for an argument", (t) => {
  const anything = fc.array(
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.double()),
    { maxLength: 7 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(functions)), anything, (each, parameters) => {
      each(...parameters);
    }),
  );
  t.false(call("isInNet", "__proto__", "192.0.2.0", "255.255.255.0"));
});
