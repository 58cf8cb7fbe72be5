import test from "ava";
import fc from "fast-check";
import { parseChallenges } from "../../src/transport/proxy/challenges.ts";
import { endOfChunks } from "../../src/transport/wire/chunked-content.ts";

const shown = (...fields: string[]) =>
  parseChallenges(fields).challenges.map(({ scheme, parameters, token }) => [
    scheme,
    Object.fromEntries(parameters),
    token,
  ]);

test("what proxies send is read, in one field or in many", (t) => {
  const expected = [
    ["negotiate", {}, null],
    ["ntlm", {}, null],
    ["basic", { realm: "proxy.example.org" }, null],
  ];
  t.deepEqual(shown("Negotiate", "NTLM", 'Basic realm="proxy.example.org"'), expected);
  t.deepEqual(shown('Negotiate, NTLM, BASIC Realm="proxy.example.org"'), expected);
  t.deepEqual(shown(',Negotiate ,\tNTLM,,Basic realm = "proxy.example.org",'), expected);
  t.deepEqual(shown("NTLM TlRMTVNTUAACAAAA==, Basic realm=x"), [
    ["ntlm", {}, "TlRMTVNTUAACAAAA=="],
    ["basic", { realm: "x" }, null],
  ]);
});

test("what is beyond the limits is not read", (t) => {
  const schemes = Array.from({ length: 500 }, () => "NTLM");
  for (const fields of [schemes, [schemes.join(", ")]]) {
    const { challenges, incomplete } = parseChallenges(fields);
    t.is(challenges.length, 20);
    t.true(incomplete);
  }
  const many = parseChallenges([
    `Digest ${Array.from({ length: 500 }, (_, index) => `p${index}=1`).join(", ")}`,
  ]);
  t.is(many.challenges[0]?.parameters.size, 40);
  t.true(many.incomplete);
});

test("a semicolon or nothing where a comma belongs hides no scheme behind a value", (t) => {
  for (const field of [
    "Basic realm=x;NTLM",
    "Basic realm=x; NTLM",
    'Basic realm="x";NTLM',
    "Basic realm=Corp Proxy;Negotiate",
    "Basic realm=x;charset=UTF-8;NTLM",
    "Basic realm= NTLM",
    "Basic realm= Digest nonce=n",
  ]) {
    const { challenges, incomplete } = parseChallenges([field]);
    t.true(incomplete || challenges.some(({ scheme }) => scheme !== "basic"), field);
  }
});

test("a realm may be called as the scheme itself", (t) => {
  const { challenges, incomplete } = parseChallenges(["Basic realm=basic"]);
  t.false(incomplete);
  t.deepEqual([...(challenges[0]?.parameters ?? [])], [["realm", "basic"]]);
});

const leniently: { field: string; read: unknown[]; incomplete: boolean }[] = [
  {
    field: 'Digest realm="x", qop=auth,auth-int, nonce="abc"',
    read: [["digest", { realm: "x", qop: "auth,auth-int", nonce: "abc" }, null]],
    incomplete: false,
  },
  {
    field: 'Digest realm="x" nonce="abc" algorithm=MD5 qop="auth"',
    read: [["digest", { realm: "x", nonce: "abc", algorithm: "MD5", qop: "auth" }, null]],
    incomplete: false,
  },
  {
    field: "Digest realm=x, nonce=MTIz/+==, opaque=a:b",
    read: [["digest", { realm: "x", nonce: "MTIz/+==", opaque: "a:b" }, null]],
    incomplete: false,
  },
  {
    field: "Basic realm=M\u00fcller GmbH & Co (Proxy), NTLM",
    read: [
      ["basic", { realm: "M\u00fcller GmbH & Co (Proxy)" }, null],
      ["ntlm", {}, null],
    ],
    incomplete: false,
  },
  {
    field: 'Negotiate NTLM Basic realm="x"',
    read: [
      ["negotiate", {}, null],
      ["ntlm", {}, null],
      ["basic", { realm: "x" }, null],
    ],
    incomplete: false,
  },
  {
    field: 'Basic realm="Corporate, NTLM',
    read: [
      ["basic", {}, null],
      ["ntlm", {}, null],
    ],
    incomplete: true,
  },
  {
    field: 'Basic realm="a"b", Digest realm="x"',
    read: [
      ["basic", {}, null],
      ["digest", { realm: "x" }, null],
    ],
    incomplete: true,
  },
  { field: "(NTLM)", read: [], incomplete: true },
  { field: "", read: [], incomplete: false },
];
for (const { field, read, incomplete } of leniently) {
  test(`what is malformed hides nothing behind it: ${field}`, (t) => {
    t.deepEqual(shown(field), read);
    t.is(parseChallenges([field]).incomplete, incomplete);
  });
}

const token = fc.string({
  unit: fc.constantFrom("a", "Z", "9", "-", "_", "!"),
  minLength: 1,
  maxLength: 8,
});
const value = fc.string({
  unit: fc.constantFrom("a", " ", ",", "=", '"', "\\", "é", "N"),
  maxLength: 10,
});
const challenge = fc.oneof(
  fc.record({
    scheme: token,
    token: fc.constantFrom("YWJj", "YQ==", "a/b+c"),
    parameters: fc.constant([]),
  }),
  fc.record({
    scheme: token,
    token: fc.constant(null),
    parameters: fc.uniqueArray(fc.tuple(token, value, fc.boolean()), {
      maxLength: 5,
      selector: ([name]) => name.toLowerCase(),
    }),
  }),
);

test("challenges that were written are read the same, however they stand in fields", (t) => {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(challenge, fc.boolean(), fc.constantFrom(", ", ",", " ,\t")), {
        maxLength: 6,
      }),
      (written) => {
        const fields: string[] = [];
        for (const [{ scheme, token: carried, parameters }, newField, comma] of written) {
          const said = parameters.map(
            ([name, text, bare]) =>
              `${name}=${bare && /^[a-z0-9]+$/i.test(text) ? text : quoted(text)}`,
          );
          const text = `${scheme}${carried === null ? "" : ` ${carried}`}${said.length > 0 ? ` ${said.join(comma)}` : ""}`;
          const last = fields.at(-1);
          if (newField || last === undefined) fields.push(text);
          else fields[fields.length - 1] = last + comma + text;
        }
        const read = parseChallenges(fields);
        t.false(read.incomplete);
        t.deepEqual(
          read.challenges.map((each) => [each.scheme, [...each.parameters], each.token]),
          written.map(([each]) => [
            each.scheme.toLowerCase(),
            each.parameters.map(([name, text]) => [name.toLowerCase(), text]),
            each.token,
          ]),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("content in chunks ends where it was written to end, and noise ends in a word or a wait", (t) => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 5 }),
      fc.boolean(),
      fc.uint8Array({ maxLength: 40 }),
      (chunks, trailers, noise) => {
        const parts = chunks.flatMap((bytes) => [
          Buffer.from(`${bytes.length.toString(16)}${trailers ? " ;a=1" : ""}\r\n`),
          bytes,
          Buffer.from("\r\n"),
        ]);
        const whole = Buffer.concat([
          ...parts,
          Buffer.from(`0\r\n${trailers ? "a: b\r\n" : ""}\r\n`),
        ]);
        t.is(endOfChunks(Buffer.concat([whole, noise])), whole.length);
        for (let cut = 0; cut < whole.length; cut++)
          t.is(endOfChunks(whole.subarray(0, cut)), null);
        const end = endOfChunks(Buffer.from(noise));
        t.true(end === null || end === "malformed" || end <= noise.length);
      },
    ),
    { numRuns: 300 },
  );
  t.is(endOfChunks(Buffer.from("zz\r\n")), "malformed");
  t.is(endOfChunks(Buffer.from("1\r\nab\r\n")), "malformed");
  t.is(endOfChunks(Buffer.alloc(5000, "1")), "malformed");
});
