import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { IdentityStore } from "../../src/agent/identity/identity-store.ts";
import { PlatformAccess } from "../../src/agent/identity/platform-access.ts";
import { JobQueue } from "../../src/agent/scan-jobs/job-queue.ts";
import { Uploader } from "../../src/agent/scan-jobs/uploader.ts";
import { readConfiguration } from "../../src/agent/services/enrolment.ts";
import { acknowledgeJob, listJobs } from "../../src/agent/services/jobs.ts";
import { listParts, sendCompletion, sendPart } from "../../src/agent/services/results.ts";
import { ServerClock } from "../../src/agent/session/server-clock.ts";
import { Session } from "../../src/agent/session/session.ts";
import { StatusStore } from "../../src/agent/status/status-store.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { systemRandom } from "../../src/base/random.ts";
import { ecdsaSigner } from "../../src/protocol/signature/keys.ts";
import { signReply } from "../../src/protocol/signature/profile.ts";
import { engines } from "../../src/scan/engines/engines.ts";
import { HttpTransport } from "../../src/transport/http-transport.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { Attacker, type PassedReply } from "../testkit/agent/attacker.ts";
import { exampleEnd, exampleHost } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { enrolAppliance } from "../testkit/platform/appliance.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(async () => {
  await platform?.remove();
});

/**
 * An enrolled appliance behind an inspecting proxy whose authority it trusts, and the real platform
 * behind that.
 */
async function setUp(t: ExecutionContext) {
  t.timeout(120_000);
  const attacker = await Attacker.start(platform);
  const folder = await mkdtemp(join(tmpdir(), "outrider-attacked-"));
  const { code } = await platform.api.makeCode();
  const { enrolment, signer } = await enrolAppliance({
    platformUrl: platform.url,
    dispatcher: platform.dispatcher,
    code,
  });
  const transport = new HttpTransport({
    proxy: { host: "127.0.0.1", port: attacker.port, authentication: noAuthentication },
    trust: {
      certificateAuthorities: [enrolment.certificateAuthorities],
      allowUnknownIssuer: false,
    },
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
  });
  const { applianceId, applianceName, certificate, certificateAuthorities, configuration } =
    enrolment;
  const key = {
    publicKey: Buffer.alloc(0),
    pem: null,
    signDer: () => new Uint8Array(),
    signer: () => signer,
  };
  const stored = {
    version: 1 as const,
    applianceId,
    applianceName,
    certificate,
    certificateAuthorities,
    configuration,
  };
  const identity = {
    ...stored,
    platformUrl: platform.url,
    keyFile: "key-00000",
    enrolledAt: 1,
    key,
  };
  const sealer = {
    seal: async (_: string, secret: Uint8Array) => secret,
    unseal: async (_: string, sealed: Uint8Array) => sealed,
  };
  const identities = new IdentityStore(join(folder, "identity"), sealer);
  await identities.spoolKey(systemRandom);
  const session = new Session(identity, {
    identities,
    transport,
    clock: systemClock,
    serverClock: new ServerClock(systemClock),
    random: systemRandom,
    log: silentLog,
    status: new StatusStore(Date.now),
    counters: { requests: 0, failures: 0 },
    softwareVersion: "test",
    bootId: randomUUID(),
    access: new PlatformAccess(systemClock, null),
  });
  const never = new AbortController().signal;
  const spool = await openSpool(join(folder, "spool"));
  const jobQueue = new JobQueue({
    spool,
    clock: systemClock,
    log: silentLog,
    scanFolder: join(folder, "scan"),
    engines,
    configd: new FakeConfigd({ folder: join(folder, "units"), environment: {} }),
    device: () => null,
    exclusions: () => [],
    acknowledge: async ({ job, receivedAt }) => {
      await session.call("jobs", never, (client, url) =>
        acknowledgeJob(client, url, { ...job, receivedAt }, never),
      );
    },
    changed: () => undefined,
    upload: () => undefined,
  });
  const uploader = new Uploader({
    spool,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    results: {
      sendPart: ({ job }, number, content) =>
        session.call("results", never, (client, url) =>
          sendPart(client, url, job, number, content, never),
        ),
      listParts: ({ job }, from) =>
        session.call("results", never, (client, url) => listParts(client, url, job, from, never)),
      sendCompletion: ({ job }, completion) =>
        session.call("results", never, (client, url) =>
          sendCompletion(client, url, job, completion, never),
        ),
    },
    finished: (done) => spool.remove(done),
    unknown: (gone) => spool.remove(gone),
    changed: () => undefined,
  });
  t.teardown(async () => {
    attacker.stop();
    await transport.close();
    await rm(folder, { recursive: true, force: true });
  });
  const fetchJobs = async () =>
    jobQueue.take(
      await session.call("jobs", never, (client, url) => listJobs(client, url, never)),
      never,
    );
  return {
    attacker,
    session,
    spool,
    jobQueue,
    uploader,
    applianceId,
    fetchJobs,
    never,
    url: new URL(platform.url),
  };
}

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
          { status: 200, content: changed.content },
          request,
          null,
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
