import { randomBytes } from "node:crypto";
import test from "ava";
import { claimedSignature } from "../../src/protocol/signature/claimed-signature.ts";
import { contentDigest } from "../../src/protocol/signature/content-digest.ts";
import { ecdsaVerifierFromText } from "../../src/protocol/signature/keys.ts";
import { claimedKind, verifyReply } from "../../src/protocol/signature/profile.ts";
import { signatureBase, signatureParameters } from "../../src/protocol/signature/signature-base.ts";
import type { TestAppliance } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

/** An appliance of version 0.2, which asks in its own form and knows replies of that form only. */
let platform: TestPlatform;
let appliance: TestAppliance;
test.before(async () => {
  platform = await startPlatform();
  appliance = await enrolAt(platform);
});
test.after.always(async () => {
  await platform?.remove();
});

interface Changes {
  createdMs?: number;
  keyId?: string;
  sent?: Uint8Array;
}

/** What version 0.2 sends; its signature covers the same, under another tag. */
async function call(path: string, content: Uint8Array, changes: Changes = {}) {
  const url = new URL(appliance.configuration.directory.services.health + path);
  const digest = contentDigest(content);
  const components = [
    { identifier: '"@method"', value: "POST" },
    { identifier: '"@authority"', value: url.host },
    { identifier: '"@path"', value: url.pathname },
    { identifier: '"@query"', value: "?" },
    { identifier: '"content-digest"', value: digest },
  ];
  const parameters = signatureParameters(components, {
    created: Math.floor((changes.createdMs ?? Date.now()) / 1000),
    nonce: randomBytes(16).toString("base64url"),
    keyid: changes.keyId ?? appliance.id,
    alg: "ecdsa-p256-sha256",
    tag: "outrider-request-1",
  });
  const signature = appliance.signer.sign(signatureBase(components, parameters));
  const fields = {
    "content-digest": digest,
    "signature-input": `outrider=${parameters}`,
    signature: `outrider=:${Buffer.from(signature).toString("base64")}:`,
  };
  const reply = await platform.dispatcher.request({
    origin: url.origin,
    path: url.pathname,
    method: "POST",
    headers: { ...fields, "content-type": "application/json" },
    body: changes.sent ?? content,
  });
  const body = new Uint8Array(await reply.body.arrayBuffer());
  const received = {
    "content-digest": String(reply.headers["content-digest"]),
    "signature-input": String(reply.headers["signature-input"]),
    signature: String(reply.headers.signature),
  };
  const claimed = claimedSignature(received);
  const key = appliance.configuration.replyKeys.find(({ keyId }) => keyId === claimed?.keyId);
  const verified =
    key !== undefined &&
    verifyReply(
      "older-answer",
      { status: reply.statusCode, content: body },
      received,
      { method: "POST", url },
      fields,
      ecdsaVerifierFromText(key.publicKey),
    ).ok;
  const code: unknown = JSON.parse(Buffer.from(body).toString("utf8")).error?.code;
  return { status: reply.statusCode, code, kind: claimed && claimedKind(claimed), verified };
}

const heartbeat = () => Buffer.from(JSON.stringify(appliance.heartbeat()));

test("it is answered in the form that it knows", async (t) => {
  t.deepEqual(await call("/heartbeats", heartbeat()), {
    status: 200,
    code: undefined,
    kind: "older-answer",
    verified: true,
  });
  t.like(await call("/nothing", heartbeat()), { code: "not-found", verified: true });
});

test("it learns the platform's time from a signed reply", async (t) => {
  t.like(await call("/heartbeats", heartbeat(), { createdMs: 1 }), {
    code: "signature-clock",
    verified: true,
  });
});

test("what was refused unverified is not signed for it, so that it cannot take it for an answer", async (t) => {
  const unsigned = { kind: null, verified: false };
  t.like(await call("/heartbeats", heartbeat(), { sent: Buffer.alloc(300_000) }), {
    code: "too-large",
    ...unsigned,
  });
  t.like(await call("/heartbeats", heartbeat(), { sent: Buffer.from("{}") }), {
    code: "signature-invalid",
    ...unsigned,
  });
  t.like(
    await call("/heartbeats", heartbeat(), { keyId: "00000000-0000-4000-8000-0000000000ff" }),
    { code: "appliance-unknown", ...unsigned },
  );
});
