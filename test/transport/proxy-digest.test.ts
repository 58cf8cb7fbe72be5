import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import fc from "fast-check";
import { systemRandom } from "../../src/base/random.ts";
import { parseChallenges } from "../../src/transport/proxy/challenges.ts";
import { digestAuthentication } from "../../src/transport/proxy/digest.ts";
import {
  chooseDigestChallenge,
  type DigestChallenge,
  digestAuthorization,
} from "../../src/transport/proxy/digest-response.ts";
import { digestGate } from "../testkit/proxies/logins.ts";
import { startWay } from "../testkit/proxies/way.ts";

const run = promisify(execFile);

function challengeIn(...fields: string[]): DigestChallenge {
  const reading = chooseDigestChallenge(parseChallenges(fields).challenges);
  if (!reading?.ok) throw new Error(reading?.problem.code ?? "no challenge");
  return reading.challenge;
}

const responseIn = (authorization: string) => /response="([0-9a-f]+)"/.exec(authorization)?.[1];

test("the example of RFC 7616 section 3.9.1 comes out, and SHA-256 is preferred", (t) => {
  const common =
    'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const request = {
    method: "GET",
    uri: "/dir/index.html",
    user: "Mufasa",
    password: "Circle of Life",
    nonceCount: 1,
    clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
  };
  const md5 = challengeIn(`Digest ${common}, algorithm=MD5`);
  t.is(responseIn(digestAuthorization(md5, request)), "8ca523f5e9506fed4657c9700eebdbec");
  const both = challengeIn(
    `Digest ${common}, algorithm=MD5`,
    `Digest ${common}, algorithm=SHA-256`,
  );
  const authorization = digestAuthorization(both, request);
  t.is(
    responseIn(authorization),
    "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
  );
  t.regex(
    authorization,
    /^Digest username="Mufasa", .*uri="\/dir\/index\.html".*algorithm=SHA-256, qop=auth, nc=00000001, cnonce="f2\/wE4q/,
  );
});

test("the example of RFC 7616 section 3.9.2 comes out with the values of its erratum 4897", (t) => {
  const challenge = challengeIn(
    'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
  );
  const authorization = digestAuthorization(challenge, {
    method: "GET",
    uri: "/doe.json",
    user: "Jäsøn Doe",
    password: "Secret, or not?",
    nonceCount: 1,
    clientNonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
  });
  t.is(
    responseIn(authorization),
    "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
  );
  t.regex(
    authorization,
    /username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b".*userhash=true$/,
  );
});

const known = { user: 'Jäsøn "J" Doe', password: "p:ss wörd" };
const variants = [
  { title: "MD5", algorithm: "MD5" },
  { title: "MD5-sess", algorithm: "MD5-sess" },
  { title: "SHA-256", algorithm: "SHA-256" },
  { title: "SHA-256-sess", algorithm: "SHA-256-sess" },
  { title: "SHA-512-256 with UTF-8", algorithm: "SHA-512-256", utf8: true },
  { title: "SHA-256 with hashed user names", algorithm: "SHA-256", utf8: true, userhash: true },
  { title: "MD5 as before RFC 2617", algorithm: "MD5", old: true },
];

for (const { title, ...options } of variants) {
  test(`a proxy with ${title} lets the right user in, and each next tunnel needs no challenge`, async (t) => {
    const gate = digestGate({ ...known, ...options });
    const way = await startWay({ kind: "gates", gates: [gate] });
    t.teardown(way.close);
    const proxy = way.through(digestAuthentication(known, systemRandom));
    t.is((await way.probe(proxy)).error, null);
    t.is(way.proxy.requests.length, 2);
    const { error, stages } = await way.probe(proxy);
    t.is(error, null);
    t.is(way.proxy.requests.length, 3);
    t.regex(
      stages.find(({ stage }) => stage === "proxy")?.detail ?? "",
      /, digest (MD5|SHA-256|SHA-512-256)$/,
    );
    if (!options.old) t.deepEqual(gate.counts, ["00000001", "00000002"]);
    if (options.utf8 && !options.userhash)
      t.is(gate.users[0], "*UTF-8''J%C3%A4s%C3%B8n%20%22J%22%20Doe");
    if (options.userhash) t.regex(gate.users[0] ?? "", /^[0-9a-f]{64}$/);
  });
}

test("a wrong password is tried once and refused, with what is offered and without the password", async (t) => {
  const way = await startWay({
    kind: "gates",
    gates: [digestGate({ ...known, algorithm: "SHA-256" })],
  });
  t.teardown(way.close);
  const { error } = await way.probe(
    way.through(digestAuthentication({ ...known, password: "hush-hush" }, systemRandom)),
  );
  t.is(error?.code, "proxy-authentication-failed");
  t.is(error?.detail, "it offers digest");
  t.is(way.proxy.requests.length, 2);
  t.false(`${error?.stack}${JSON.stringify(error)}`.includes("hush"));
});

test("a stale nonce is replaced without a new login", async (t) => {
  const way = await startWay({
    kind: "gates",
    gates: [digestGate({ ...known, algorithm: "MD5", usesPerNonce: 1 })],
  });
  t.teardown(way.close);
  const proxy = way.through(digestAuthentication(known, systemRandom));
  for (let count = 0; count < 3; count++) t.is((await way.probe(proxy)).error, null);
  t.is(way.proxy.requests.length, 2 + 2 + 2);
});

test("a proxy to which every nonce is stale is given up", async (t) => {
  const way = await startWay({
    kind: "gates",
    gates: [digestGate({ ...known, algorithm: "MD5", usesPerNonce: 0 })],
  });
  t.teardown(way.close);
  const { error } = await way.probe(way.through(digestAuthentication(known, systemRandom)));
  t.is(error?.code, "proxy-challenge-unsupported");
  t.regex(error?.detail ?? "", /every nonce stale; it offers digest/);
});

const hangingUp = [
  ["first", "hangs up after the first 407"],
  ["always", "hangs up after each 407"],
  ["forgets", "forgets its connections after each 407 without a word"],
] as const;
for (const [hangsUp, title] of hangingUp) {
  test(`a proxy that ${title} is answered on another connection`, async (t) => {
    const way = await startWay({
      kind: "gates",
      gates: [digestGate({ ...known, algorithm: "SHA-256" })],
      hangsUp,
    });
    t.teardown(way.close);
    t.is((await way.probe(way.through(digestAuthentication(known, systemRandom)))).error, null);
    t.is(way.proxy.connections(), 2);
  });
}

test("an HTTP/1.0 proxy is answered on another connection", async (t) => {
  const way = await startWay({
    kind: "gates",
    gates: [digestGate({ ...known, algorithm: "MD5" })],
    version: "1.0",
  });
  t.teardown(way.close);
  t.is((await way.probe(way.through(digestAuthentication(known, systemRandom)))).error, null);
  t.is(way.proxy.connections(), 2);
});

const refused = [
  {
    challenge: 'Digest realm="x", nonce="y", qop="auth-int"',
    reason: /auth-int only; it offers digest/,
  },
  {
    challenge: 'Digest realm="x", nonce="y", qop="auth", algorithm=SHA3-1024',
    reason: /algorithm sha3-1024/,
  },
  { challenge: 'Digest realm="x", qop="auth"', reason: /without a nonce/ },
  { challenge: 'Digest nonce="x", qop="auth"', reason: /without a realm/ },
  { challenge: 'Digest realm="\u0007", nonce="x"', reason: /cannot be repeated/ },
];
for (const { challenge, reason } of refused) {
  test(`the challenge ${JSON.stringify(challenge)} is refused by name`, async (t) => {
    const way = await startWay({ kind: "offer", challenges: [challenge] });
    t.teardown(way.close);
    const { error } = await way.probe(way.through(digestAuthentication(known, systemRandom)));
    t.is(error?.code, "proxy-challenge-unsupported");
    t.regex(error?.detail ?? "", reason);
    t.is(way.proxy.requests.length, 1, "nothing of the user was sent");
  });
}

/**
 * The checker of this client must itself be right, so it is checked with curl's independent
 * implementation.
 */
const hasCurl = spawnSync("curl", ["--version"]).status === 0;
for (const algorithm of ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess"]) {
  (hasCurl ? test : test.skip)(
    `curl --proxy-digest is let in by the same proxy with ${algorithm} and the right password only (skipped without curl)`,
    async (t) => {
      const way = await startWay({
        kind: "gates",
        gates: [digestGate({ user: "scanner", password: "Passw0rd", algorithm })],
      });
      t.teardown(way.close);
      const curl = async (password: string) =>
        await run("curl", [
          ...[
            "--silent",
            "--show-error",
            "--insecure",
            "--max-time",
            "20",
            "--proxy",
            `http://127.0.0.1:${way.proxy.port}`,
          ],
          ...[
            "--proxy-digest",
            "--proxy-user",
            `scanner:${password}`,
            "https://platform.example.org/",
          ],
        ]);
      t.is((await curl("Passw0rd")).stdout, "the page");
      await t.throwsAsync(curl("other"), { message: /407/ });
    },
  );
}

test("a line end in the user name forges no header field", async (t) => {
  const way = await startWay({
    kind: "gates",
    gates: [digestGate({ ...known, algorithm: "MD5" })],
  });
  t.teardown(way.close);
  const { error } = await way.probe(
    way.through(digestAuthentication({ user: "a\r\nX-Forged: 1", password: "b" }, systemRandom)),
  );
  t.is(error?.code, "proxy-credentials-unusable");
  t.false(way.proxy.requests.some((head) => head.includes("Forged")));
});

test("whatever a challenge holds, the answer repeats it in one header line or is none", (t) => {
  const text = fc.string({
    unit: fc.constantFrom("a", " ", ",", "=", '"', "\\", "é", "\u0000", "\u007f", "/"),
    maxLength: 12,
  });
  const quoted = (value: string) => `"${value.replace(/["\\]/g, "\\$&")}"`;
  const extras = fc.subarray([
    "qop=auth",
    "algorithm=SHA-256-sess",
    "charset=UTF-8",
    "userhash=true",
    "stale=true",
    "zzz",
    "=",
    '"',
  ]);
  let answered = 0;
  fc.assert(
    fc.property(text, text, text, extras, text, (realm, nonce, opaque, more, user) => {
      const field = [
        `Digest realm=${quoted(realm)}`,
        `nonce=${quoted(nonce)}`,
        `opaque=${quoted(opaque)}`,
        ...more,
      ].join(", ");
      const reading = chooseDigestChallenge(parseChallenges([field]).challenges);
      t.is(reading?.ok ?? false, !/[\u0000-\u001f\u007f]/.test(realm + nonce + opaque));
      if (!reading?.ok) return;
      answered++;
      const line = digestAuthorization(reading.challenge, {
        method: "CONNECT",
        uri: "a:1",
        user,
        password: "b",
        nonceCount: 1,
        clientNonce: "c",
      });
      t.regex(line, /^[\u0000-\u00ff]*$/);
      const said = parseChallenges([line]).challenges[0]?.parameters;
      t.deepEqual(
        [said?.get("realm"), said?.get("nonce"), said?.get("opaque")],
        [realm, nonce, opaque],
      );
    }),
    { numRuns: 500 },
  );
  t.true(answered > 20);
});
