import { createHash, createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ServerClock } from "../../src/agent/session/server-clock.ts";
import { SignedClient } from "../../src/agent/session/signed-client.ts";
import { type ContentCheck, Updates } from "../../src/agent/updates/updates.ts";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { ContentItem } from "../../src/protocol/schemas/updates.ts";
import { ecdsaSigner, ecdsaVerifierFromText } from "../../src/protocol/signature/keys.ts";
import { HttpTransport } from "../../src/transport/http-transport.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { Attacker, type PassedReply } from "../testkit/agent/attacker.ts";
import { enrolAppliance, makeDeviceKeys } from "../testkit/platform/appliance.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Pauses between tries are real time here: short ones will do. */
const hurried: Clock = {
  ...systemClock,
  sleep: (durationMs, signal) =>
    systemClock.sleep(durationMs > 3_600_000 ? durationMs : Math.min(durationMs, 20), signal),
};

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
  const name = t.title.replace(/[^a-z]+/g, "-").slice(0, 60);
  const attacker = await Attacker.start(platform);
  const folder = await mkdtemp(join(tmpdir(), "outrider-attacked-"));
  const keys = await makeDeviceKeys();
  const { code } = await platform.api.makeCode();
  const { enrolment, signer } = await enrolAppliance({
    platformUrl: platform.url,
    dispatcher: platform.dispatcher,
    code,
    keys,
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
  const serverClock = new ServerClock(systemClock);
  const client = new SignedClient({
    transport,
    signer,
    clock: systemClock,
    serverClock,
    random: systemRandom,
    counters: { requests: 0, failures: 0 },
    softwareVersion: "test",
    replyKeys: new Map(
      enrolment.configuration.replyKeys.map(({ keyId, publicKey }) => [
        keyId,
        ecdsaVerifierFromText(publicKey),
      ]),
    ),
  });
  const now: { items: ContentItem[]; check: ContentCheck } = {
    items: [],
    check: { at: null, failure: null },
  };
  let changed = Promise.withResolvers<void>();
  const stop = new AbortController();
  const updates = new Updates({
    consumers: [],
    clock: hurried,
    folder,
    random: systemRandom,
    log: silentLog,
    root: enrolment.contentRoot ?? null,
    session: {
      call: (_service, _signal, call) =>
        call(client, enrolment.configuration.directory.services.updates),
    },
    platformNowMs: () => serverClock.nowMs(),
    freeBytes: async () => 2 ** 34,
    failureOf: (error) => ({
      code: error instanceof OutriderError ? error.code : "internal-error",
      detail: String(error),
      at: 1,
    }),
    changed: (items, check) => {
      Object.assign(now, { items: items.filter((item) => item.name === name), check });
      changed.resolve();
      changed = Promise.withResolvers();
    },
  });
  const ended = updates.run(stop.signal);
  t.teardown(async () => {
    stop.abort();
    await ended.catch(() => undefined);
    await transport.close();
    attacker.stop();
    await platform.api.withdraw({ kind: "signatures", name, version: "1" });
    await rm(folder, { recursive: true, force: true });
  });
  const until = async (check: (items: ContentItem[], how: ContentCheck) => boolean) => {
    while (!check(now.items, now.check)) await changed.promise;
  };
  const fetched = (version: string) =>
    until((items) => items.some((item) => item.version === version && item.state === "fetched"));
  const publish = (version: string, file: Uint8Array) =>
    platform.api.publish({ kind: "signatures", name, version }, file);
  return { attacker, folder, updates, now, until, fetched, publish };
}

test.serial("through an inspecting proxy that only reads, updates arrive", async (t) => {
  const { attacker, updates, fetched, publish, folder } = await setUp(t);
  const read: string[] = [];
  attacker.attack = async ({ path }, forward) => {
    read.push(path);
    return forward();
  };
  const file = randomBytes(500_000);
  await publish("1", file);
  updates.walk();
  await fetched("1");
  t.true(file.equals(await readFile(join(folder, "targets", sha256(file)))));
  t.true(
    read.some((path) => path.includes("/targets/")),
    "it does stand between",
  );
});

test.serial(
  "an altered file is not taken: not by one bit, not with another digest beside it",
  async (t) => {
    const { attacker, updates, until, fetched, publish, now, folder } = await setUp(t);
    await publish("1", randomBytes(1000));
    attacker.attack = async ({ path }, forward) => {
      const reply = await forward();
      if (!path.includes("/targets/")) return reply;
      const content = Buffer.from(reply.content);
      content[500] = (content[500] ?? 0) ^ 1;
      // It recomputes the digests that need no key.
      const digest = `sha-256=:${createHash("sha256").update(content).digest("base64")}:`;
      return { ...reply, content, headers: { ...reply.headers, "content-digest": digest } };
    };
    updates.walk();
    await until((items) => items[0]?.code !== undefined);
    t.like(now.items[0], { version: "1", state: "known", code: "reply-forged", received: 0 });
    t.deepEqual(
      (await readdir(join(folder, "targets"))).filter((name) => !name.endsWith(".part")),
      [],
    );
    attacker.attack = (_request, forward) => forward();
    updates.walk();
    await fetched("1");
  },
);

test.serial(
  "an altered or invented list is not taken, nor one signed by a key of the attacker's own",
  async (t) => {
    const { attacker, updates, until, publish, now } = await setUp(t);
    await publish("1", randomBytes(1000));
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const own = ecdsaSigner(
      "reply:attacker",
      createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" })),
    );
    const inventions: ((reply: PassedReply) => PassedReply)[] = [
      (reply) => ({
        ...reply,
        content: Buffer.from(String(reply.content).replace('"version":', '"version":1')),
      }),
      ({ status, content }) => ({
        status,
        content,
        headers: { "content-type": "application/json" },
      }),
      (reply) => ({
        ...reply,
        headers: {
          ...reply.headers,
          "signature-input": (reply.headers["signature-input"] ?? "").replace(
            /keyid="[^"]*"/,
            `keyid="${own.keyId}"`,
          ),
        },
      }),
    ];
    for (const [index, invention] of inventions.entries()) {
      attacker.attack = async ({ path }, forward) =>
        path.endsWith("timestamp.json") ? invention(await forward()) : forward();
      now.check = { at: null, failure: null };
      updates.walk();
      await until((_items, { failure }) => failure !== null);
      t.true(
        ["reply-forged", "reply-unsigned"].includes(now.check.failure?.code ?? ""),
        `${index}: ${now.check.failure?.code}`,
      );
      t.like(now.items[0], { version: "1", state: "refused" });
    }
  },
);

test.serial("an older list is not taken, although every byte of it was signed once", async (t) => {
  const { attacker, updates, until, fetched, publish, now } = await setUp(t);
  await publish("1", randomBytes(1000));
  const old = new Map<string, PassedReply>();
  attacker.attack = async ({ path }, forward) => {
    const reply = await forward();
    if (!old.has(path)) old.set(path, reply);
    return reply;
  };
  updates.walk();
  await fetched("1");
  await publish("2", randomBytes(1000));
  attacker.attack = async ({ path }, forward) => old.get(path) ?? forward();
  updates.walk();
  await until((_items, { failure }) => failure !== null);
  // A reply is the answer to one request: kept ones answer no other.
  t.is(now.check.failure?.code, "reply-forged");
  attacker.attack = (_request, forward) => forward();
  updates.walk();
  await fetched("2");
});

test.serial(
  "an attacker who holds lists back is noticed, and the lists arrive once they pass",
  async (t) => {
    const { attacker, updates, until, fetched, publish, now } = await setUp(t);
    await publish("1", randomBytes(1000));
    updates.walk();
    await fetched("1");
    const { at } = now.check;
    await publish("2", randomBytes(1000));
    attacker.attack = async ({ path }, forward) => (path.includes("/updates/") ? null : forward());
    updates.walk();
    await until((_items, { failure }) => failure !== null);
    t.is(now.check.at, at, "it shows since when no list arrived");
    t.like(now.check.failure, { code: "connect-reset" });
    attacker.attack = (_request, forward) => forward();
    updates.walk();
    await fetched("2");
  },
);

test.serial("a large file comes through a proxy that cuts every third answer", async (t) => {
  const { attacker, updates, fetched, publish, folder } = await setUp(t);
  const file = randomBytes(5_000_000);
  await publish("1", file);
  let count = 0;
  attacker.attack = async ({ path }, forward) =>
    path.includes("/targets/") && ++count % 3 === 0 ? null : forward();
  updates.walk();
  await fetched("1");
  t.true(file.equals(await readFile(join(folder, "targets", sha256(file)))));
  t.true(count < 40);
});
