import { randomBytes } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import { activationKeyId, requireActivationCode } from "../../src/base/activation-code.ts";
import { claimedSignature } from "../../src/protocol/signature/claimed-signature.ts";
import { ecdsaVerifierFromText, hmacKey } from "../../src/protocol/signature/keys.ts";
import { callSigned, enrolAppliance, type SignedAnswer } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

/** Strangers who know no activation code try out which there are. */
let platform: TestPlatform;
let replyKeys: ReadonlyMap<string, ReturnType<typeof ecdsaVerifierFromText>>;
test.before(async () => {
  platform = await startPlatform();
  const { configuration } = await enrolAt(platform);
  replyKeys = new Map(
    configuration.replyKeys.map(({ keyId, publicKey }) => [
      keyId,
      ecdsaVerifierFromText(publicKey),
    ]),
  );
});
test.after.always(async () => {
  await platform?.remove();
});

const guess = (keyId: string, changes: Partial<Parameters<typeof callSigned>[0]> = {}) =>
  callSigned({
    method: "POST",
    url: new URL(`${platform.url}/enrolment/v1/appliances`),
    content: { certificateRequest: "", hostname: "x", softwareVersion: "1" },
    signer: hmacKey(keyId, randomBytes(32)),
    verifiers: replyKeys,
    dispatcher: platform.dispatcher,
    ...changes,
  });

/** All that the answer shows, but what differs between any two answers. */
function shown({ status, body, kind, headers }: SignedAnswer) {
  const claimed = claimedSignature({
    "content-digest": String(headers["content-digest"]),
    "signature-input": String(headers["signature-input"]),
    signature: String(headers.signature),
  });
  const differing = ["date", "signature-input", "signature", "content-digest", "retry-after"];
  const others = Object.entries(headers).filter(([name]) => !differing.includes(name));
  // How many seconds are left of the wait is another number with each answer.
  const said = JSON.stringify(body).replace(/("retryAfterSeconds":)\d+/, "$1N");
  return { status, said, kind, keyId: claimed?.keyId, algorithm: claimed?.algorithm, others };
}

const idOf = (code: string) => activationKeyId(requireActivationCode(code));

async function codes(t: ExecutionContext) {
  const { code: used } = await platform.api.makeCode();
  const enrolled = await enrolAppliance({
    platformUrl: platform.url,
    dispatcher: platform.dispatcher,
    code: used,
  });
  const { code: renewing } = await platform.api.codeFor(enrolled.id);
  const { code: open } = await platform.api.makeCode("with a name");
  t.not(open, used);
  return { used, renewing, open };
}

test.serial(
  "a stranger cannot tell a code that exists from one that does not, whatever became of it, and gets nothing made with its key",
  async (t) => {
    const absent = shown(await guess("code:00000"));
    t.like(absent, { status: 403, kind: "refusal" });
    t.is(absent.said, JSON.stringify({ error: { code: "code-unknown" } }));
    const { used, renewing, open } = await codes(t);
    for (const [what, code] of Object.entries({ used, renewing, open })) {
      const answer = await guess(idOf(code));
      t.deepEqual(shown(answer), absent, what);
      t.true(answer.verification.ok, `${what}: signed by the platform's own key`);
    }
  },
);

const variants: [string, Partial<Parameters<typeof callSigned>[0]>][] = [
  ["a wrong time", { createdMs: 1 }],
  ["a short nonce", { nonce: "x" }],
  ["too much content", { content: { padding: "x".repeat(300 * 1024) } }],
  ["content that was changed", { sentContent: Buffer.from("{}") }],
  ["another service", { sentPath: "/jobs/v1/jobs" }],
  ["a path that is not there", { sentPath: "/enrolment/v1/nothing" }],
  ["an appliance's path", { sentPath: "/enrolment/v1/certificate" }],
];
for (const [what, changes] of variants) {
  test.serial(`nor with ${what}`, async (t) => {
    const { code } = await platform.api.makeCode();
    t.deepEqual(shown(await guess(idOf(code), changes)), shown(await guess("code:00001", changes)));
  });
}

test.serial(
  "after many wrong tries a stranger learns nothing but to wait, and whoever has the code behind the same address gets in",
  async (t) => {
    const { code } = await platform.api.makeCode();
    const answers: SignedAnswer[] = [];
    for (let tries = 0; tries < 30; tries++) answers.push(await guess(idOf(code)));
    const last = answers.at(-1);
    t.like(last?.body, { error: { code: "service-busy" } });
    t.is(last?.kind, "refusal");
    if (last) t.deepEqual(shown(await guess("code:00002")), shown(last));
    const appliance = await enrolAppliance({
      platformUrl: platform.url,
      dispatcher: platform.dispatcher,
      code,
    });
    await t.notThrowsAsync(appliance.beat());
  },
);
