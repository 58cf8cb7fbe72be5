import test from "ava";
import { Agent } from "undici";
import { callSigned, type SignedAnswer, TestAppliance } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
let appliance: TestAppliance;
test.before(async () => {
  platform = await startPlatform();
  appliance = await enrol();
});
test.after.always(() => platform.remove());

async function enrol(): Promise<TestAppliance> {
  return enrolAt(platform);
}

/** Connections on which Host may be another name than the certificate's. */
const foreignHost = () =>
  new Agent({
    connect: { ca: platform.certificateAuthority, checkServerIdentity: () => undefined },
  });
const codeOf = ({ body }: SignedAnswer) =>
  typeof body === "object" && body !== null && "error" in body ? body.error : body;
const path = "/heartbeats";

test("an honest request is answered, and the reply is bound to it", async (t) => {
  const answer = await appliance.call("health", "POST", path, appliance.heartbeat());
  t.is(answer.status, 200);
  t.true(answer.verification.ok);
});

test("a request without a signature is refused with a signed reply", async (t) => {
  const answer = await appliance.call("health", "POST", path, appliance.heartbeat(), {
    headers: () => ({}),
  });
  t.is(answer.status, 401);
  t.like(codeOf(answer), { code: "signature-invalid" });
  t.true(answer.verification.ok);
});

test("content that was changed on the way is refused", async (t) => {
  const answer = await appliance.call("health", "POST", path, appliance.heartbeat(), {
    sentContent: Buffer.from(JSON.stringify(appliance.heartbeat({ sequence: 999 }))),
  });
  t.is(answer.status, 401);
  t.like(codeOf(answer), { code: "signature-invalid", detail: "digest" });
});

test("a query that was changed on the way is refused", async (t) => {
  const answer = await appliance.call("jobs", "GET", "/jobs", undefined, {
    sentPath: "/jobs/v1/jobs?wait=50",
  });
  t.is(answer.status, 401);
  t.like(codeOf(answer), { code: "signature-invalid" });
});

test("a request that comes a second time is refused, also when both come at once", async (t) => {
  const again = { nonce: "abcdefghijklmnopqrstuv", createdMs: Date.now() };
  const content = appliance.heartbeat();
  const answers = await Promise.all(
    [1, 2, 3].map(() => appliance.call("health", "POST", path, content, again)),
  );
  t.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401]);
  t.like(codeOf(answers.find(({ status }) => status === 401) ?? answers[0] ?? fail()), {
    code: "signature-replayed",
  });
});

test("the same nonce is good for another appliance", async (t) => {
  const other = await enrol();
  const nonce = "zyxwvutsrqponmlkjihgfe";
  t.is(
    (await appliance.call("health", "POST", path, appliance.heartbeat(), { nonce })).status,
    200,
  );
  t.is((await other.call("health", "POST", path, other.heartbeat(), { nonce })).status, 200);
});

for (const [words, offsetMs] of [
  ["behind", -301_000],
  ["ahead", 360_000],
] as const) {
  test(`a clock more than five minutes ${words} gets a signed reply with the platform's time`, async (t) => {
    const answer = await appliance.call("health", "POST", path, appliance.heartbeat(), {
      createdMs: Date.now() + offsetMs,
    });
    t.is(answer.status, 401);
    t.like(codeOf(answer), { code: "signature-clock" });
    t.true(answer.verification.ok && Math.abs(answer.verification.createdMs - Date.now()) < 60_000);
  });
}

test("a clock four minutes off is good enough", async (t) => {
  t.is(
    (
      await appliance.call("health", "POST", path, appliance.heartbeat(), {
        createdMs: Date.now() - 240_000,
      })
    ).status,
    200,
  );
});

test("a request that was signed for another host is refused, with any Host field", async (t) => {
  const forEvil = {
    method: "POST" as const,
    url: new URL("https://evil.example/health/v1/heartbeats"),
    content: appliance.heartbeat(),
    signer: appliance.signer,
  };
  const answer = await callSigned({
    ...forEvil,
    verifiers: new Map(),
    dispatcher: foreignHost(),
    origin: platform.url,
  });
  t.is(answer.status, 401);
  t.like(codeOf(answer), { code: "signature-invalid" });
});

test("a reverse proxy may change Host: the configured authority counts", async (t) => {
  const behindProxy = new TestAppliance(appliance.enrolment, appliance.signer, foreignHost());
  const answer = await behindProxy.call("health", "POST", path, appliance.heartbeat(), {
    headers: (fields) => ({ ...fields, host: "backend.internal:8443" }),
  });
  t.is(answer.status, 200);
  t.true(answer.verification.ok);
});

test("another appliance's key does not sign for this one", async (t) => {
  const other = await enrol();
  const impostor = { ...other.signer, keyId: appliance.id };
  const answer = await callSigned({
    method: "POST",
    url: new URL(`${appliance.configuration.directory.services.health}${path}`),
    content: appliance.heartbeat(),
    signer: impostor,
    verifiers: new Map(),
    dispatcher: platform.dispatcher,
  });
  t.is(answer.status, 401);
  t.like(codeOf(answer), { code: "signature-invalid" });
});

test("an unknown or revoked appliance gets a signed refusal", async (t) => {
  const gone = await enrol();
  await platform.api.revoke(gone.id);
  const answer = await gone.call("health", "POST", path, gone.heartbeat());
  t.is(answer.status, 403);
  t.like(codeOf(answer), { code: "appliance-revoked" });
  t.true(answer.verification.ok);
  const stranger = await enrol();
  const unknown = await stranger.call("health", "POST", path, stranger.heartbeat(), {
    headers: (fields) => ({
      ...fields,
      "signature-input": fields["signature-input"].replace(
        stranger.id,
        "00000000-0000-4000-8000-0000000000ff",
      ),
    }),
  });
  t.is(unknown.status, 401);
  t.like(codeOf(unknown), { code: "appliance-unknown" });
  t.true(unknown.verification.ok);
});

test("content that is too large is refused before it is read", async (t) => {
  const answer = await appliance.call("health", "POST", path, { padding: "x".repeat(300 * 1024) });
  t.is(answer.status, 413);
  t.like(codeOf(answer), { code: "too-large" });
  t.true(answer.verification.ok);
});

test("content of another form is refused with the place of the mistake", async (t) => {
  const answer = await appliance.call("health", "POST", path, {
    ...appliance.heartbeat(),
    bootId: "nonsense",
  });
  t.is(answer.status, 422);
  t.like(codeOf(answer), { code: "request-invalid" });
  t.regex(JSON.stringify(answer.body), /bootId/);
});

test("what is not there is answered signed as well", async (t) => {
  const answer = await appliance.call("jobs", "GET", "/nothing");
  t.is(answer.status, 404);
  t.true(answer.verification.ok);
});

test("a target that is not in its normal form is refused: it could be routed otherwise than it was signed", async (t) => {
  const answer = await appliance.call("jobs", "GET", "/jobs", undefined, {
    sentPath: "/jobs/v1/x/../jobs",
  });
  t.true(answer.status >= 400);
});

function fail(): never {
  throw new Error("no such answer");
}
