import { generateKeyPairSync } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import { readConfiguration } from "../../src/agent/services/enrolment.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { ReplyKey } from "../../src/protocol/schemas/common.ts";
import type { SuccessionsReply } from "../../src/protocol/schemas/enrolment.ts";
import { ecdsaSigner } from "../../src/protocol/signature/keys.ts";
import { signReply } from "../../src/protocol/signature/profile.ts";
import { replyKeyId, vouchFor } from "../../src/protocol/signature/succession.ts";
import { attackedAppliance } from "../testkit/agent/attacked-appliance.ts";
import type { PassedReply, PassedRequest } from "../testkit/agent/attacker.ts";
import { afterTheTerm } from "../testkit/platform/keys.ts";
import { startPlatform } from "../testkit/platform/platform.ts";

/** A man in the middle with a reply key of his own. */
function evilKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const text = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const key: ReplyKey = { keyId: replyKeyId(text), publicKey: text };
  return { key, signer: ecdsaSigner(key.keyId, privateKey) };
}

async function setUp(t: ExecutionContext) {
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  const appliance = await attackedAppliance(t, platform);
  const { session, never, url } = appliance;
  const fetchConfiguration = async () => {
    const { configuration } = await session.call("enrolment", never, (client, at) =>
      readConfiguration(client, at, never),
    );
    await session.useConfiguration(configuration);
  };
  /** The platform's answer with another content, signed by somebody else for this very request. */
  const signed = (
    request: PassedRequest,
    { signer }: ReturnType<typeof evilKey>,
    body: unknown,
  ): PassedReply => {
    const content = Buffer.from(JSON.stringify(body));
    const fields = signReply(
      "answer",
      { status: 200, content },
      { method: request.method, url: new URL(url.origin + request.path) },
      request.headers,
      signer,
      Date.now(),
      "0123456789abcdef",
    );
    return { status: 200, headers: { "content-type": "application/json", ...fields }, content };
  };
  return { platform, ...appliance, fetchConfiguration, signed };
}

const unsigned = (body: unknown): PassedReply => ({
  status: 200,
  headers: { "content-type": "application/json" },
  content: Buffer.from(JSON.stringify(body)),
});

test("a man in the middle cannot announce a key of his own, whatever successions he sends", async (t) => {
  const { attacker, session, fetchConfiguration, signed } = await setUp(t);
  const before = session.configuration;
  const known = before.replyKeys[0];
  if (!known) return t.fail();
  const evil = evilKey();
  const other = evilKey();
  const lies: [string, SuccessionsReply["successions"]][] = [
    ["none", []],
    ["his key vouches for itself", [vouchFor(evil.key, evil.signer)]],
    [
      "he signs in the name of the key that is known",
      [{ ...vouchFor(evil.key, evil.signer), from: known.keyId }],
    ],
    [
      "he gives his key the id of the known one",
      [{ ...vouchFor({ ...evil.key, keyId: known.keyId }, evil.signer), from: known.keyId }],
    ],
    [
      "a chain that begins nowhere",
      [vouchFor(other.key, evil.signer), vouchFor(evil.key, other.signer)],
    ],
  ];
  for (const [what, successions] of lies) {
    attacker.attack = async (request) =>
      request.path.endsWith("/successions")
        ? unsigned({ successions, revoked: [known.keyId] })
        : signed(request, evil, {
            serverTime: Date.now(),
            configuration: {
              ...before,
              version: before.version + 99,
              replyKeys: [evil.key],
              certificateAuthorities: "-----BEGIN CERTIFICATE-----",
            },
          });
    const error = await t.throwsAsync(fetchConfiguration(), { instanceOf: OutriderError }, what);
    t.is(error?.code, "reply-forged", what);
    t.deepEqual(session.configuration, before, what);
  }
});

test("a man in the middle cannot alter a true succession, and his lies do not keep the true one away for good", async (t) => {
  const { platform, attacker, session, fetchConfiguration } = await setUp(t);
  const before = session.configuration;
  const evil = evilKey();
  await platform.api.rollKey("reply");
  await afterTheTerm(platform);
  let asked = 0;
  attacker.attack = async (request, forward) => {
    const reply = await forward();
    if (!request.path.endsWith("/successions")) return reply;
    asked++;
    const true_: SuccessionsReply = JSON.parse(reply.content.toString("utf8"));
    return unsigned({
      ...true_,
      successions: true_.successions.map((each) => ({ ...each, to: evil.key })),
    });
  };
  const error = await t.throwsAsync(fetchConfiguration(), { instanceOf: OutriderError });
  t.is(error?.code, "reply-forged");
  t.is(asked, 1);
  t.deepEqual(session.configuration, before);
  await t.throwsAsync(fetchConfiguration(), { instanceOf: OutriderError });
  t.is(asked, 1, "it does not ask at each failure");
});

test("an appliance keeps an earlier key until the next one has signed something", async (t) => {
  const { platform, session, fetchConfiguration } = await setUp(t);
  const [old] = session.configuration.replyKeys;
  const evil = evilKey();
  const next = { ...session.configuration, version: session.configuration.version + 1 };
  await session.useConfiguration({ ...next, replyKeys: [evil.key] });
  t.deepEqual(session.trusts.replyKeys, [evil.key.keyId, old?.keyId]);
  await platform.api.changeSettings({ intervalSeconds: 240 });
  await fetchConfiguration();
  t.deepEqual(session.trusts.replyKeys, [old?.keyId], "as the platform lists it again");
});

test("an appliance that missed a roll follows the true succession through a man in the middle who reads along", async (t) => {
  const { platform, session, fetchConfiguration } = await setUp(t);
  await platform.api.rollKey("reply");
  await afterTheTerm(platform);
  await fetchConfiguration();
  const { keys } = await platform.api.keys();
  t.deepEqual(session.trusts.replyKeys, [keys.find(({ kind }) => kind === "reply")?.id]);
});
