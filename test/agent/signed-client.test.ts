import { generateKeyPairSync, type KeyObject } from "node:crypto";
import test from "ava";
import { ServerClock } from "../../src/agent/session/server-clock.ts";
import { SignedClient } from "../../src/agent/session/signed-client.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { ecdsaSigner, ecdsaVerifier } from "../../src/protocol/signature/keys.ts";
import { type ReplyKind, signReply, verifyRequest } from "../../src/protocol/signature/profile.ts";
import { validators } from "../../src/protocol/validators.ts";
import type {
  Transport,
  TransportReply,
  TransportRequest,
} from "../../src/transport/http-transport.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";

const key = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync("ec", { namedCurve: "P-256" });
const appliance = key();
const platform = key();
const signer = ecdsaSigner("platform-1", platform.privateKey);
const url = "https://health.example.org/health/v1/inventory";

interface Answer {
  status?: number;
  body: unknown;
  headers?: Record<string, string>;
  createdMs?: number;
  kind?: ReplyKind;
  /** Changes what was signed. */
  tamper?: (reply: TransportReply, request: TransportRequest) => TransportReply;
}

function setUp(answers: readonly (Answer | Error)[]) {
  const clock = new FakeClock();
  const requests: TransportRequest[] = [];
  const nonces = new Set<string>();
  const transport: Transport = {
    close: async () => undefined,
    request: async (request) => {
      requests.push(request);
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      if (!answer || answer instanceof Error) throw answer ?? new Error("no answer");
      const verified = verifyRequest(request, request.headers, ecdsaVerifier(appliance.publicKey));
      if (!verified.ok || nonces.has(verified.nonce))
        throw new Error("the request's signature is wrong");
      nonces.add(verified.nonce);
      const content =
        typeof answer.body === "string"
          ? Buffer.from(answer.body)
          : Buffer.from(JSON.stringify(answer.body));
      const reply = { status: answer.status ?? 200, content };
      const fields = signReply(
        answer.kind ?? "answer",
        reply,
        request,
        request.headers,
        signer,
        answer.createdMs ?? clock.nowMs(),
        "reply-nonce-00000",
      );
      const whole = { ...reply, headers: { ...fields, ...answer.headers } };
      return answer.tamper ? answer.tamper(whole, request) : whole;
    },
  };
  const serverClock = new ServerClock(clock);
  const counters = { requests: 0, failures: 0 };
  const client = new SignedClient({
    transport,
    clock,
    serverClock,
    counters,
    random: fixedRandom(0.5),
    softwareVersion: "1",
    signer: ecdsaSigner("appliance-1", appliance.privateKey),
    replyKeys: new Map([["platform-1", ecdsaVerifier(platform.publicKey)]]),
  });
  const call = () =>
    client.request({ method: "PUT", url, body: { x: 1 }, reply: validators.InventoryReply });
  return { call, clock, serverClock, requests, counters };
}

const good: Answer = { body: { serverTime: 5 } };
const unsigned = (reply: TransportReply): TransportReply => ({ ...reply, headers: {} });

test("a signed reply is accepted, and the request reveals no more than it must", async (t) => {
  const { call, requests } = setUp([good]);
  t.deepEqual(await call(), { serverTime: 5 });
  t.deepEqual(Object.keys(requests[0]?.headers ?? {}).sort(), [
    ...[
      "accept",
      "accept-encoding",
      "content-digest",
      "content-type",
      "signature",
      "signature-input",
      "user-agent",
    ],
  ]);
});

const refused: [string, Answer, ErrorCode][] = [
  ["without a signature", { ...good, tamper: unsigned }, "reply-unsigned"],
  [
    "with another content",
    { ...good, tamper: (reply) => ({ ...reply, content: Buffer.from('{"serverTime":6}') }) },
    "reply-forged",
  ],
  [
    "with another status",
    { ...good, status: 404, tamper: (reply) => ({ ...reply, status: 200 }) },
    "reply-forged",
  ],
  [
    "signed by a key that is not the platform's",
    {
      ...good,
      tamper: (reply, request) => ({
        ...reply,
        headers: signReply(
          "answer",
          reply,
          request,
          request.headers,
          ecdsaSigner("platform-1", key().privateKey),
          0,
          "n",
        ) as unknown as Record<string, string>,
      }),
    },
    "reply-forged",
  ],
  [
    "signed by a key with another name",
    {
      ...good,
      tamper: (reply, request) => ({
        ...reply,
        headers: {
          ...signReply(
            "answer",
            reply,
            request,
            request.headers,
            ecdsaSigner("other", platform.privateKey),
            0,
            "n",
          ),
        },
      }),
    },
    "reply-forged",
  ],
  [
    "that refuses, but is signed by a key with another name",
    {
      status: 401,
      body: { error: { code: "code-unknown" } },
      tamper: (reply, request) => ({
        ...reply,
        headers: {
          ...signReply(
            "answer",
            reply,
            request,
            request.headers,
            ecdsaSigner("other", platform.privateKey),
            0,
            "n",
          ),
        },
      }),
    },
    "reply-forged",
  ],
  [
    "signed for another request",
    {
      ...good,
      tamper: (reply, request) => ({
        ...reply,
        headers: {
          ...signReply(
            "answer",
            reply,
            { ...request, url: new URL("https://health.example.org/x") },
            request.headers,
            signer,
            0,
            "n",
          ),
        },
      }),
    },
    "reply-forged",
  ],
  [
    "that is a web page",
    {
      body: "<html>Blocked</html>",
      tamper: (reply) => ({ ...reply, headers: { "content-type": "text/html; charset=utf-8" } }),
    },
    "service-block-page",
  ],
  [
    "that is a web page without saying so",
    { body: " <!DOCTYPE html><html>", tamper: unsigned },
    "service-block-page",
  ],
  [
    "of a gateway in trouble",
    { status: 502, body: "bad gateway", tamper: unsigned },
    "service-error",
  ],
  [
    "that is too large for a device between",
    { status: 413, body: "", tamper: unsigned },
    "path-upload-limit",
  ],
  ["of another form", { body: { serverTime: "now" } }, "service-unexpected"],
  ["that is no JSON", { body: "hello" }, "service-unexpected"],
  [
    "with a coded error",
    { status: 404, body: { error: { code: "not-found", detail: "x" } } },
    "not-found",
  ],
  [
    "that refuses, with a code of refusals",
    { status: 401, kind: "refusal", body: { error: { code: "appliance-unknown", detail: "x" } } },
    "appliance-unknown",
  ],
  [
    "that refuses, with a code that only answers have",
    { status: 404, kind: "refusal", body: { error: { code: "not-found" } } },
    "service-refused",
  ],
  [
    "with a coded error that only refusals have",
    { status: 401, body: { error: { code: "code-unknown" } } },
    "service-refused",
  ],
  [
    "that refuses and says that all is well",
    { status: 200, kind: "refusal", body: { serverTime: 5 } },
    "service-refused",
  ],
  ["of an older platform", { ...good, kind: "older-answer" }, "platform-older"],
  [
    "with an unknown error",
    { status: 418, body: { error: { code: "teapot" } } },
    "service-refused",
  ],
];

for (const [title, answer, code] of refused) {
  test(`a reply ${title} is ${code}`, async (t) => {
    const { call, serverClock, counters } = setUp([answer]);
    const error = await t.throwsAsync(call(), { instanceOf: OutriderError });
    t.is(error?.code, code);
    t.is(counters.failures, code === "not-found" ? 0 : 1);
    if (code.startsWith("reply-") || code === "service-block-page")
      t.is(serverClock.offsetMs(), null, "nothing is learnt from it");
  });
}

test("a wrong local clock is learnt from the refusal, and the request is signed again with the right time", async (t) => {
  const ahead = 40 * 24 * 3_600_000;
  const { call, clock, serverClock, requests } = setUp([
    {
      status: 401,
      kind: "refusal",
      body: { error: { code: "signature-clock" } },
      createdMs: Date.UTC(2026, 0, 1) + ahead,
    },
    { body: { serverTime: Date.UTC(2026, 0, 1) + ahead } },
  ]);
  await call();
  t.is(requests.length, 2);
  t.is(serverClock.offsetMs(), ahead);
  t.regex(
    requests[1]?.headers["signature-input"] ?? "",
    new RegExp(`created=${Math.floor((Date.UTC(2026, 0, 1) + ahead) / 1000)};`),
  );
  clock.wallOffsetMs += 5_000_000;
  t.is(
    serverClock.nowMs(),
    Date.UTC(2026, 0, 1) + ahead,
    "a local clock that is set meanwhile changes nothing",
  );
});

test("a dead kept connection is not a failure: the request is sent once more, and only once", async (t) => {
  const dead = new OutriderError("connect-reset");
  const recovered = setUp([dead, good]);
  await recovered.call();
  t.is(recovered.counters.failures, 0);
  const lasting = setUp([dead]);
  t.is((await t.throwsAsync(lasting.call(), { instanceOf: OutriderError }))?.code, "connect-reset");
  t.is(lasting.requests.length, 2);
});

test("a kept connection that the path has forgotten costs no failure: the request is signed again and sent over another one", async (t) => {
  const { call, counters } = setUp([new OutriderError("connect-forgotten"), good]);
  t.deepEqual(await call(), { serverTime: 5 });
  t.like(counters, { requests: 2, failures: 0, repeats: 1 });
});

test("the time of the next try comes with the error, out of what is signed", async (t) => {
  const { call } = setUp([
    {
      status: 503,
      body: { error: { code: "service-busy", retryAfterSeconds: 90 } },
      // Nobody signs this one.
      headers: { "retry-after": "3000" },
    },
  ]);
  const error = await t.throwsAsync(call(), { instanceOf: OutriderError });
  t.like(error, { code: "service-busy", retryAfterMs: 90_000 });
});
