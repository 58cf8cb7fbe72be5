import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import fc from "fast-check";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { md4 } from "../../src/transport/proxy/md4.ts";
import { ntlmAuthentication } from "../../src/transport/proxy/ntlm.ts";
import {
  authenticateMessage,
  negotiateMessage,
  readChallengeMessage,
} from "../../src/transport/proxy/ntlm-messages.ts";
import {
  fileTime,
  ntlmAccount,
  ntlmV2Response,
  responseKey,
} from "../../src/transport/proxy/ntlm-response.ts";
import {
  clientAttributes,
  readAttributes,
  writeAttributes,
} from "../../src/transport/proxy/ntlm-target-information.ts";
import { ntlmGate, type ProxyGate } from "../testkit/proxies/logins.ts";
import { startWay } from "../testkit/proxies/way.ts";

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ""), "hex");
const run = promisify(execFile);

test("MD4 gives the digests of RFC 1320 section A.5", (t) => {
  const digests: [string, string][] = [
    ["", "31d6cfe0d16ae931b73c59d7e0c089c0"],
    ["a", "bde52cb31de33e46245e05fbdbd6fb24"],
    ["abc", "a448017aaf21d8525fc10ae87aa6729d"],
    ["message digest", "d9130a8164549fe818874806e1c7014b"],
    ["abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9"],
    [
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
      "043f8582f241db351ce627e153e7f0e4",
    ],
    [
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "e33b4ddc9c38f2199c3e7b164fcc0536",
    ],
  ];
  for (const [text, digest] of digests) t.is(md4(Buffer.from(text)).toString("hex"), digest);
});

/** MS-NLMP section 4.2.1 and 4.2.4. */
const account = { user: "User", domain: "Domain" };
const key = responseKey(account, "Password");
const targetInformation = hex(
  "02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000",
);
const challengeMessage = hex(`
  4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef00000000000000002400240044000000060070170000000f
  53006500720076006500720002000c0044006f006d00610069006e0001000c0053006500720076006500720000000000`);

test("the NTLMv2 values of MS-NLMP section 4.2.4 come out", (t) => {
  t.is(key.toString("hex"), "0c868a403bfd7a93a3001ef22ef02e3f");
  const reading = readChallengeMessage(challengeMessage);
  if (!reading.ok) return t.fail(reading.problem.code);
  t.is(reading.challenge.serverChallenge.toString("hex"), "0123456789abcdef");
  t.deepEqual(writeAttributes(reading.challenge.attributes), targetInformation);
  const { response, sessionKey } = ntlmV2Response({
    key,
    serverChallenge: reading.challenge.serverChallenge,
    clientChallenge: Buffer.alloc(8, 0xaa),
    time: Buffer.alloc(8),
    targetInformation,
  });
  t.is(response.subarray(0, 16).toString("hex"), "68cd0ab851e51c96aabc927bebef6a1c");
  t.is(
    response.subarray(16).toString("hex"),
    `0101000000000000${"00".repeat(8)}aaaaaaaaaaaaaaaa00000000${targetInformation.toString("hex")}00000000`,
  );
  t.is(sessionKey.toString("hex"), "8de40ccadbc14a82f15cb0ad0de95ca3");
});

test("an AUTHENTICATE message with MIC is, byte for byte, what a browser sends to the same challenge", (t) => {
  // A published test vector of Chromium's NTLM client for the challenge above, with the client's
  // own time.
  const expected = hex(`
    4e544c4d535350000300000018001800580000008a008a00700000000c000c00fa0000000800080006010000100010000e010000000000
    0058000000038208000000000000000000f7361633f0ad9bdf4a7c421bc6b824a300000000000000000000000000000000000000000000
    00008c0260dbef690662af9c42d50782d2ed0101000000000000800bc8fd00d4d201aaaaaaaaaaaaaaaa0000000002000c0044006f006d
    00610069006e0001000c0053006500720076006500720006000400020000000a0010006586e99d81c2fc984e47172fd4dd031009001600
    48005400540050002f00530065007200760065007200000000000000000044006f006d00610069006e00550073006500720043004f004d
    0050005500540045005200`);
  t.is(
    negotiateMessage().toString("hex"),
    "4e544c4d53535000010000000782080000000000200000000000000020000000",
  );
  const reading = readChallengeMessage(challengeMessage);
  if (!reading.ok) return t.fail(reading.problem.code);
  const attributes = clientAttributes(reading.challenge.attributes, "HTTP/Server").map(
    (attribute) =>
      // That client was bound to a TLS channel, this one is not.
      attribute.id === 10
        ? { ...attribute, value: hex("6586e99d81c2fc984e47172fd4dd0310") }
        : attribute,
  );
  const { response, sessionKey } = ntlmV2Response({
    key,
    serverChallenge: reading.challenge.serverChallenge,
    clientChallenge: Buffer.alloc(8, 0xaa),
    time: hex("800bc8fd00d4d201"),
    targetInformation: writeAttributes(attributes),
  });
  t.is(
    authenticateMessage(reading.challenge, {
      account,
      workstation: "COMPUTER",
      response,
      sessionKey,
    }).toString("hex"),
    expected.toString("hex"),
  );
});

test("Windows' file time counts from 1601", (t) => {
  t.is(fileTime(1_055_844_000_000).toString("hex"), "0090d336b734c301");
});

test("domain and user are separated, and only the user is upper case, letter by letter", (t) => {
  t.deepEqual(ntlmAccount("LAB\\scanner"), { domain: "LAB", user: "scanner" });
  t.deepEqual(ntlmAccount("scanner@lab.example.org"), {
    domain: "",
    user: "scanner@lab.example.org",
  });
  t.deepEqual(responseKey({ user: "uSeR", domain: "Domain" }, "Password"), key);
  t.notDeepEqual(responseKey({ user: "User", domain: "DOMAIN" }, "Password"), key);
  t.notDeepEqual(
    responseKey({ user: "weiß", domain: "" }, "x"),
    responseKey({ user: "weiss", domain: "" }, "x"),
  );
});

test("any bytes as a challenge end in a reading or a reason, and attributes survive writing and reading", (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 120 }),
      fc.nat({ max: challengeMessage.length - 1 }),
      fc.nat({ max: 255 }),
      (noise, at, value) => {
        const flipped = Buffer.from(challengeMessage);
        flipped[at] = value;
        for (const message of [Buffer.from(noise), flipped, flipped.subarray(0, at)]) {
          const reading = readChallengeMessage(message);
          t.true(
            reading.ok
              ? reading.challenge.serverChallenge.length === 8
              : reading.problem.code.startsWith("ntlm-"),
          );
        }
        const attributes = readAttributes(Buffer.from(noise));
        if (attributes) t.deepEqual(readAttributes(writeAttributes(attributes)), attributes);
      },
    ),
    { numRuns: 500 },
  );
});

const known = { user: "scänner", password: "p:ss wörd €", domain: "LAB" };
/** Answers the first CONNECT of all with the scheme's name alone. */
function lateGate(gate: ProxyGate): ProxyGate {
  let asked = 0;
  return {
    begin: () => {
      const keeper = gate.begin();
      return {
        check: (authorization, authority) =>
          asked++ === 0 ? ["NTLM"] : keeper.check(authorization, authority),
      };
    },
  };
}

const make = (user: string, password = known.password) =>
  ntlmAuthentication({ user, password }, systemRandom, systemClock);

for (const user of ["LAB\\scänner", "scänner@lab.example.org", "SCÄNNER"]) {
  test(`a proxy that checks NTLMv2 and the MIC lets ${user} in with two CONNECTs on one connection`, async (t) => {
    const gate = ntlmGate({ ...known, requireMic: true });
    const way = await startWay({ kind: "gates", gates: [gate] });
    t.teardown(way.close);
    t.regex(await way.fetch(way.through(make(user))), /the page$/);
    t.deepEqual(gate.faults, []);
    t.is(way.proxy.requests.length, 2);
    t.is(way.proxy.connections(), 1);
  });
}

test("a proxy that sends its challenge with content in chunks keeps its connection", async (t) => {
  const way = await startWay({ kind: "gates", gates: [ntlmGate(known)], chunked: true });
  t.teardown(way.close);
  t.is((await way.probe(way.through(make("LAB\\scänner")))).error, null);
  t.is(way.proxy.connections(), 1);
});

test("a proxy that tells its time is answered by it, so a wrong clock here is no matter; else this clock's goes", async (t) => {
  const wrongClock = { ...systemClock, nowMs: () => 0 };
  for (const [tellsTime, clock, fault] of [
    [true, wrongClock, null],
    [false, systemClock, null],
    [false, wrongClock, "the time is too far off"],
  ] as const) {
    const gate = ntlmGate({ ...known, tellsTime, requireMic: true });
    const way = await startWay({ kind: "gates", gates: [gate] });
    t.teardown(way.close);
    const { error } = await way.probe(
      way.through(
        ntlmAuthentication({ user: "LAB\\scänner", password: known.password }, systemRandom, clock),
      ),
    );
    t.is(error?.code, fault === null ? undefined : "proxy-authentication-failed");
    t.deepEqual(gate.faults, fault === null ? [] : [fault]);
  }
});

test("after a proxy hangs up behind the first 407 the exchange begins again", async (t) => {
  const way = await startWay({
    kind: "gates",
    gates: [lateGate(ntlmGate(known))],
    hangsUp: "first",
  });
  t.teardown(way.close);
  t.is((await way.probe(way.through(make("LAB\\scänner")))).error, null);
  t.is(way.proxy.connections(), 2);
});

test("a proxy that names ntlm and never goes on with it is given up", async (t) => {
  const way = await startWay({ kind: "offer", challenges: ["NTLM"] });
  t.teardown(way.close);
  const { error } = await way.probe(way.through(make("LAB\\scänner")));
  t.is(error?.code, "proxy-challenge-unsupported");
  t.regex(error?.detail ?? "", /sends no challenge/);
  t.is(way.proxy.requests.length, 2);
});

test("a proxy that hangs up between the steps is named", async (t) => {
  const way = await startWay({ kind: "gates", gates: [ntlmGate(known)], hangsUp: "always" });
  t.teardown(way.close);
  const { error } = await way.probe(way.through(make("LAB\\scänner")));
  t.is(error?.code, "proxy-challenge-unsupported");
  t.regex(error?.detail ?? "", /between the steps of ntlm; it offers ntlm/);
});

for (const [fields, isKept] of [
  [["Connection: close", "Proxy-Connection: keep-alive"], true],
  [["Proxy-Connection: Keep-Alive", "Connection: Close"], true],
  [["Proxy-Connection: keep-alive"], true],
  [["Proxy-Connection: close"], false],
  [["Connection: keep-alive", "Proxy-Connection: close"], false],
  [["Connection: close"], false],
] as const) {
  test(`after a challenge with ${fields.join(", ")} the log-in ${isKept ? "goes on" : "is given up"}`, async (t) => {
    const way = await startWay({ kind: "gates", gates: [ntlmGate(known)], fields });
    t.teardown(way.close);
    const { error } = await way.probe(way.through(make("LAB\\scänner")));
    t.is(error?.code ?? null, isKept ? null : "proxy-challenge-unsupported");
  });
}

// MS-NLMP section 2.2.1.2: TargetInfoFields at 40, of length, room and offset.
for (const [title, offset, length, isRead] of [
  ["empty and points behind the head", 48, 0, true],
  ["empty and points to nothing", 0, 0, true],
  ["empty and points beyond the end", 0xffff, 0, true],
  ["one byte, which is no list", 48, 1, false],
  ["beyond the end", 0xffff, 4, false],
] as const) {
  test(`a challenge whose target information is ${title} is ${isRead ? "read" : "refused"}`, (t) => {
    const message = Buffer.alloc(60);
    challengeMessage.copy(message, 0, 0, 40);
    message.writeUInt16LE(length, 40);
    message.writeUInt16LE(length, 42);
    message.writeUInt32LE(offset, 44);
    const reading = readChallengeMessage(message);
    t.is(reading.ok, isRead);
    t.deepEqual(reading.ok ? reading.challenge.attributes : [], []);
  });
}

test("a proxy that forgets the connection between the steps is named, and the answer is not sent on another one", async (t) => {
  const gate = ntlmGate(known);
  const way = await startWay({ kind: "gates", gates: [gate], hangsUp: "forgets" });
  t.teardown(way.close);
  const { error } = await way.probe(way.through(make("LAB\\scänner")));
  t.is(error?.code, "proxy-protocol");
  t.is(way.proxy.connections(), 1);
  t.deepEqual(gate.faults, []);
});

test("a wrong password is tried once and shown nowhere", async (t) => {
  const gate = ntlmGate(known);
  const way = await startWay({ kind: "gates", gates: [gate] });
  t.teardown(way.close);
  const { error } = await way.probe(way.through(make("LAB\\scänner", "hush-hush")));
  t.is(error?.code, "proxy-authentication-failed");
  t.deepEqual(gate.faults, ["wrong proof"]);
  t.false(`${error?.stack}${JSON.stringify(error)}`.includes("hush"));
});

test("a malformed challenge is refused by name", async (t) => {
  const way = await startWay({ kind: "offer", challenges: ["NTLM bm90IG5vdA=="] });
  t.teardown(way.close);
  const { error } = await way.probe(way.through(make("LAB\\scänner")));
  t.is(error?.code, "proxy-challenge-unsupported");
});

test("a name beyond what NTLM carries is refused before it is sent", async (t) => {
  const way = await startWay({ kind: "gates", gates: [ntlmGate(known)] });
  t.teardown(way.close);
  t.is(
    (await way.probe(way.through(make("x".repeat(300))))).error?.code,
    "proxy-credentials-unusable",
  );
  t.is(way.proxy.requests.length, 0);
});

/**
 * The checker of this client must itself be right, so it is checked with curl's independent
 * implementation.
 */
const curlFeatures = spawnSync("curl", ["--version"], { encoding: "utf8" }).stdout ?? "";
const crossCheck = /^Features:.*\bNTLM\b/m.test(curlFeatures) ? test : test.skip;

crossCheck(
  "curl --proxy-ntlm is let in by the same proxy with the right password only (skipped without curl's NTLM)",
  async (t) => {
    const gate = ntlmGate({ ...known, user: "scanner", password: "Passw0rd" });
    const way = await startWay({ kind: "gates", gates: [gate] });
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
          "--proxy-ntlm",
          "--proxy-user",
          `LAB\\scanner:${password}`,
          "https://platform.example.org/",
        ],
      ]);
    t.is((await curl("Passw0rd")).stdout, "the page");
    t.deepEqual(gate.faults, []);
    await t.throwsAsync(curl("Passw0rd2"), { message: /407/ });
    t.deepEqual(gate.faults, ["wrong proof"]);
  },
);
