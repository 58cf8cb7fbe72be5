import test from "ava";
import fc from "fast-check";
import { parseChallenges } from "../../src/transport/proxy/challenges.ts";
import { inTurns } from "../../src/transport/stages/connect.ts";
import {
  addressesFromHosts,
  candidateNames,
  parseResolverFile,
} from "../../src/transport/stages/resolver-files.ts";
import { endOfHead, parseHead } from "../../src/transport/wire/http-head.ts";

test("several challenges in one field are separated", (t) => {
  const { challenges } = parseChallenges([
    'Digest realm="a, b", qop="auth,auth-int", algorithm=SHA-256, Basic realm="say \\"hi\\"", NTLM',
    "Negotiate dG9rZW4=",
  ]);
  t.deepEqual(
    challenges.map(({ scheme, parameters, token }) => [
      scheme,
      Object.fromEntries(parameters),
      token,
    ]),
    [
      ["digest", { realm: "a, b", qop: "auth,auth-int", algorithm: "SHA-256" }, null],
      ["basic", { realm: 'say "hi"' }, null],
      ["ntlm", {}, null],
      ["negotiate", {}, "dG9rZW4="],
    ],
  );
});

test("a head ends at its empty line, whatever line ends it has", (t) => {
  for (const line of ["\r\n", "\n"])
    for (const last of ["\r\n", "\n"]) {
      const head = `HTTP/1.1 200 OK${line}Via: x${line}${last}`;
      t.is(endOfHead(Buffer.from(`${head}\r\n\r\nmore`)), head.length, JSON.stringify(head));
      for (let end = 0; end < head.length; end++)
        t.is(endOfHead(Buffer.from(head.slice(0, end))), null, `${end} of ${JSON.stringify(head)}`);
      t.like(parseHead(head), { ok: true, head: { status: 200 } });
    }
});

test("a folded field is one value, and bare line feeds end lines", (t) => {
  const text = "HTTP/1.1 407 No\nProxy-Authenticate: Basic\n  realm=x\nVia: a\nvia: b\n\n";
  t.is(endOfHead(Buffer.from(text)), text.length);
  const parsed = parseHead(text);
  t.deepEqual(parsed.ok && [...parsed.head.fields], [
    ["proxy-authenticate", ["Basic realm=x"]],
    ["via", ["a", "b"]],
  ]);
});

test("any bytes as a head or a challenge end without an exception", (t) => {
  const nearly = fc.array(
    fc.constantFrom(
      "HTTP/1.1 ",
      "200",
      " ",
      "\r\n",
      "\n",
      ":",
      "a",
      "=",
      '"',
      "\\",
      ",",
      "Basic",
      "\t",
      "\u0000",
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary", maxLength: 300 }),
        nearly.map((parts) => parts.join("")),
      ),
      (text) => {
        const parsed = parseHead(text);
        if (parsed.ok) t.true(parsed.head.status >= 0 && parsed.head.status <= 999);
        for (const challenge of parseChallenges([text]).challenges)
          t.is(challenge.scheme, challenge.scheme.toLowerCase());
        const end = endOfHead(Buffer.from(text, "latin1"));
        t.true(end === null || end <= text.length);
      },
    ),
    { numRuns: 500 },
  );
});

test("a long hostile challenge is read in linear time", (t) => {
  const before = process.cpuUsage();
  parseChallenges([
    `Basic ${'a="'.repeat(20_000)}`,
    `Digest ${"a=b ".repeat(20_000)}`,
    "x".repeat(60_000),
    " ,".repeat(30_000),
    `a${" ".repeat(60_000)}=`,
  ]);
  t.true(process.cpuUsage(before).user < 15_000_000);
});

test("families take turns, the first address's first", (t) => {
  t.deepEqual(inTurns(["2001:db8::1", "2001:db8::2", "192.0.2.1"]), [
    "2001:db8::1",
    "192.0.2.1",
    "2001:db8::2",
  ]);
  t.deepEqual(inTurns([]), []);
});

test("hosts and resolv.conf are read as their manual pages say", (t) => {
  t.deepEqual(
    addressesFromHosts(
      "127.0.0.1 localhost\n# 192.0.2.9 platform\n192.0.2.1\tPlatform platform.example.org # one\n::1 x",
      "platform",
    ),
    ["192.0.2.1"],
  );
  t.deepEqual(parseResolverFile("nameserver 127.0.0.53\noptions edns0\nsearch example.org lan\n"), {
    nameServers: ["127.0.0.53"],
    search: ["example.org", "lan"],
  });
  t.deepEqual(candidateNames("proxy", ["example.org"]), ["proxy.example.org", "proxy"]);
  t.deepEqual(candidateNames("proxy.lan", ["example.org"]), ["proxy.lan", "proxy.lan.example.org"]);
});
