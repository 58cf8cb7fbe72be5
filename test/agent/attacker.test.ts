import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import { readConfiguration } from "../../src/agent/services/enrolment.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { ecdsaSigner } from "../../src/protocol/signature/keys.ts";
import { signReply } from "../../src/protocol/signature/profile.ts";
import { attackedAppliance } from "../testkit/agent/attacked-appliance.ts";
import type { PassedReply } from "../testkit/agent/attacker.ts";
import { exampleEnd, exampleHost } from "../testkit/agent/scan-examples.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(async () => {
  await platform?.remove();
});

const setUp = (t: ExecutionContext) => attackedAppliance(t, platform);

const altered = (
  reply: PassedReply,
  change: (body: Record<string, unknown>) => Record<string, unknown>,
): PassedReply => ({
  ...reply,
  content: Buffer.from(JSON.stringify(change(JSON.parse(reply.content.toString("utf8"))))),
});
const digestOf = (content: Buffer) =>
  `sha-256=:${createHash("sha256").update(content).digest("base64")}:`;
const refusedAs = ["reply-forged", "reply-unsigned"];

async function refused(
  t: ExecutionContext,
  call: () => Promise<unknown>,
  what: string,
): Promise<void> {
  const error = await t.throwsAsync(call(), { instanceOf: OutriderError }, what);
  t.true(refusedAs.includes(error?.code ?? ""), `${what}: ${error?.code}`);
}

test("an inspecting proxy cannot alter, replay, reorder or inject a job or a command", async (t) => {
  const { attacker, spool, applianceId, fetchJobs, url } = await setUp(t);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const none = () => t.is(spool.jobs().length + spool.commands.list().length, 0);
  await fetchJobs();
  let older: PassedReply | null = null;
  attacker.attack = async (_, forward) => {
    older = await forward();
    return null;
  };
  const scan = await platform.api.startScan({ applianceId, targets: ["192.0.2.0/28"] });
  await t.throwsAsync(fetchJobs());
  none();
  const evil = {
    id: randomUUID(),
    kind: "decommission",
    createdAt: Date.now(),
    expiresAt: Date.now() + 1e6,
  };
  const changes: [string, (reply: PassedReply) => PassedReply | null][] = [
    [
      "a target is altered",
      (reply) =>
        altered(reply, (body) => ({
          ...body,
          jobs: JSON.parse(JSON.stringify(body.jobs).replaceAll("192.0.2.0/28", "198.51.100.0/24")),
        })),
    ],
    [
      "a target is altered and the digest with it",
      (reply) => {
        const changed = altered(reply, (body) => ({ ...body, jobs: [] }));
        return {
          ...changed,
          headers: { ...changed.headers, "content-digest": digestOf(changed.content) },
        };
      },
    ],
    ["a command is injected", (reply) => altered(reply, (body) => ({ ...body, commands: [evil] }))],
    ["an older answer is replayed", () => older],
    [
      "an answer without a signature is injected",
      (reply) => ({ ...reply, headers: { "content-type": "application/json" } }),
    ],
    [
      "an answer is signed with another key under the platform's name",
      (reply) => {
        const changed = altered(reply, (body) => ({ ...body, commands: [evil] }));
        const keyId = /;keyid="([^"]*)"/.exec(reply.headers["signature-input"] ?? "")?.[1] ?? "";
        const request = {
          method: "GET",
          url: new URL(`${url.origin}/jobs/v1/jobs`),
          content: new Uint8Array(),
        };
        const fields = signReply(
          "answer",
          { status: 200, content: changed.content },
          request,
          {},
          ecdsaSigner(keyId, privateKey),
          Date.now(),
          "0123456789abcdef",
        );
        return { ...changed, headers: { ...changed.headers, ...fields } };
      },
    ],
  ];
  for (const [what, change] of changes) {
    attacker.attack = async (_, forward) => change(await forward());
    await refused(t, fetchJobs, what);
    none();
  }
  // The attacker gives two answers to the same question in swapped order.
  const waiting: { reply: PassedReply; answer(reply: PassedReply): void }[] = [];
  attacker.attack = async (_, forward) => {
    const reply = await forward();
    return new Promise((resolve) => {
      waiting.push({ reply, answer: resolve });
      const [first, second] = waiting;
      if (!first || !second) return;
      first.answer(second.reply);
      second.answer(first.reply);
    });
  };
  const both = await Promise.allSettled([fetchJobs(), fetchJobs()]);
  t.deepEqual(
    both.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  none();
  attacker.attack = (_, forward) => forward();
  await fetchJobs();
  t.deepEqual(
    spool.jobs().map(({ job }) => job.id),
    [scan.id],
    "an unchanged reply of the platform is accepted",
  );
});

test("an inspecting proxy cannot alter, replay, reorder or inject a receipt: no part leaves the appliance for it", async (t) => {
  const { attacker, spool, uploader, applianceId, fetchJobs, never } = await setUp(t);
  const scan = await platform.api.startScan({ applianceId, targets: ["192.0.2.0/28"] });
  await fetchJobs();
  const [folder] = spool.jobs();
  if (!folder) return t.fail();
  for (const shard of [1, 2, 3]) await folder.writeParts(shard, [exampleHost(`192.0.2.${shard}`)]);
  await folder.writeCompletion(exampleEnd);
  const receipts: PassedReply[] = [];
  attacker.attack = async (_, forward) => {
    receipts.push(await forward());
    return null;
  };
  await t.throwsAsync(uploader.sendAll(never));
  t.is(folder.parts.waitingCount, 3, "a receipt that did not arrive is none");
  const [receipt] = receipts;
  const changes: [string, () => PassedReply | null][] = [
    ["an older receipt is replayed, and the part is swallowed", () => receipt ?? null],
    [
      "a receipt is injected without a signature",
      () => ({
        status: 200,
        headers: { "content-type": "application/json" },
        content: receipt?.content ?? Buffer.alloc(0),
      }),
    ],
    [
      "a receipt is altered",
      () => (receipt && altered(receipt, (body) => ({ ...body, number: 1 }))) || null,
    ],
  ];
  for (const [what, change] of changes) {
    attacker.attack = async () => change();
    await refused(t, () => uploader.sendAll(never), what);
    t.is(folder.parts.waitingCount, 3, what);
  }
  // The attacker swaps the receipts of two parts.
  let kept: PassedReply | null = null;
  attacker.attack = async (request, forward) => {
    const reply = await forward();
    const other = kept;
    kept = reply;
    return request.method === "PUT" ? other : reply;
  };
  for (let tries = 0; tries < 3; tries++) await t.throwsAsync(uploader.sendAll(never));
  t.is(folder.parts.waitingCount, 3);
  attacker.attack = (_, forward) => forward();
  await uploader.sendAll(never);
  t.is((await platform.api.scan(scan.id)).state, "completed");
  t.deepEqual(
    (await platform.api.results(scan.id)).map(({ address }) => address),
    ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
    "each once, however often it was sent",
  );
});

test("an inspecting proxy cannot alter, replay, reorder or inject a configuration", async (t) => {
  const { attacker, session, never } = await setUp(t);
  const before = session.configuration;
  const fetchConfiguration = async () => {
    const { configuration } = await session.call("enrolment", never, (client, url) =>
      readConfiguration(client, url, never),
    );
    await session.useConfiguration(configuration);
  };
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const evilKey = {
    keyId: "reply:evil",
    publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
  };
  let older: PassedReply | null = null;
  attacker.attack = async (_, forward) => {
    older = await forward();
    return older;
  };
  await fetchConfiguration();
  const poisoned = (body: Record<string, unknown>) => {
    const configuration = typeof body.configuration === "object" ? body.configuration : {};
    return { ...body, configuration: { ...configuration, version: 99, replyKeys: [evilKey] } };
  };
  const changes: [string, (reply: PassedReply) => PassedReply | null][] = [
    ["the platform's keys are exchanged", (reply) => altered(reply, poisoned)],
    [
      "the same with a digest that fits",
      (reply) => {
        const changed = altered(reply, poisoned);
        return {
          ...changed,
          headers: { ...changed.headers, "content-digest": digestOf(changed.content) },
        };
      },
    ],
    ["an older one is replayed", () => older],
    [
      "one is injected without a signature",
      (reply) => ({ ...altered(reply, poisoned), headers: { "content-type": "application/json" } }),
    ],
    ["the answer to another question is given", () => older && { ...older, status: 201 }],
  ];
  for (const [what, change] of changes) {
    attacker.attack = async (_, forward) => change(await forward());
    await refused(t, fetchConfiguration, what);
    t.deepEqual(session.configuration, before, what);
  }
  attacker.attack = (_, forward) => forward();
  const { intervalSeconds } = await platform.api.settings();
  await platform.api.changeSettings({ intervalSeconds: intervalSeconds + 1 });
  await fetchConfiguration();
  t.is(session.configuration.intervalSeconds, intervalSeconds + 1);
});
