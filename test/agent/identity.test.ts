import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Enrolment } from "../../src/agent/enrolment/enrolment.ts";
import { keepCertificate, renewalDueAt } from "../../src/agent/enrolment/renewal.ts";
import { makeFileKey } from "../../src/agent/identity/device-key.ts";
import {
  type Identity,
  IdentityStore,
  keyFileFor,
} from "../../src/agent/identity/identity-store.ts";
import { readInstance } from "../../src/agent/identity/instance.ts";
import { configdSealer } from "../../src/agent/identity/sealer.ts";
import { ServerClock } from "../../src/agent/session/server-clock.ts";
import { StatusStore } from "../../src/agent/status/status-store.ts";
import {
  activationKey,
  activationKeyId,
  makeActivationCode,
} from "../../src/base/activation-code.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { systemRandom } from "../../src/base/random.ts";
import { WakeUp } from "../../src/base/wake-up.ts";
import {
  CertificateAuthority,
  checkCertificateRequest,
} from "../../src/platform/certificates/authority.ts";
import type { Configuration } from "../../src/protocol/schemas/common.ts";
import { ecdsaSigner, hmacKey } from "../../src/protocol/signature/keys.ts";
import { type ReplyKind, signReply } from "../../src/protocol/signature/profile.ts";
import type { TransportRequest } from "../../src/transport/http-transport.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { certificateRequest, makeDeviceKeys } from "../testkit/platform/appliance.ts";

const url = "https://platform.test";
const directory = {
  platformName: "Test",
  ipRanges: [],
  services: { enrolment: url, health: url, updates: url, jobs: url, results: url },
};
const never = new AbortController().signal;
const dayMs = 86_400_000;

async function folderFor(t: ExecutionContext) {
  const path = await mkdtemp(join(tmpdir(), "outrider-identity-"));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function storeIn(folder: string) {
  const configd = new FakeConfigd({ folder: join(folder, "units"), environment: {} });
  return {
    configd,
    identities: new IdentityStore(
      join(folder, "identity"),
      configdSealer(configd, new FakeClock(), never),
    ),
  };
}

const code = makeActivationCode(new Uint8Array(18).fill(3));
const replyPair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const replyKey = {
  keyId: "reply:1",
  publicKey: replyPair.publicKey.export({ format: "der", type: "spki" }).toString("base64"),
};
const configuration: Configuration = {
  version: 1,
  intervalSeconds: 180,
  directory,
  replyKeys: [replyKey],
};
const someone = (keyFile = "key-00000"): Identity => ({
  version: 1,
  applianceId: "00000000-0000-4000-8000-000000000001",
  applianceName: "x",
  certificate: "",
  certificateAuthorities: "",
  configuration,
  platformUrl: url,
  keyFile,
  enrolledAt: 1,
  key: makeFileKey().key,
});

test("keys are stored sealed by configd, and nothing of them in the clear", async (t) => {
  const folder = await folderFor(t);
  const { identities } = await storeIn(folder);
  const { key, keyFile } = await identities.keyFor(code);
  const spoolKey = await identities.spoolKey(systemRandom);
  for (const name of [keyFile, "spool-key"]) {
    const content = await readFile(join(folder, "identity", name));
    t.is(content.subarray(0, 7).toString(), "sealed:");
    t.false(content.includes("PRIVATE KEY") || content.includes(Buffer.from(spoolKey)));
  }
  const again = (await storeIn(folder)).identities;
  t.deepEqual((await again.keyFor(code)).key.publicKey, key.publicKey);
  t.deepEqual(await again.spoolKey(systemRandom), Buffer.from(spoolKey));
});

test("a key sealed on another machine does not count: the appliance has no identity and enrols with another key", async (t) => {
  const folder = await folderFor(t);
  const { identities } = await storeIn(folder);
  const { keyFile } = await identities.keyFor(code);
  const { key: _, ...stored } = someone(keyFile);
  await identities.save(stored);
  t.truthy(await identities.load());
  await writeFile(join(folder, "identity", keyFile), "from another machine");
  t.is(await identities.load(), null);
  t.truthy((await identities.keyFor(code)).key);
});

test("a key that cannot be unsealed for the moment stays: configd does not run, the agent ends, or systemd-creds was killed", async (t) => {
  const folder = await folderFor(t);
  const { identities } = await storeIn(folder);
  const { keyFile } = await identities.keyFor(code);
  const { key: _, ...stored } = someone(keyFile);
  await identities.save(stored);
  await identities.spoolKey(systemRandom);
  const read = async () =>
    Promise.all(
      [keyFile, "spool-key"].map((name) => readFile(join(folder, "identity", name), "base64")),
    );
  const before = await read();
  for (const fault of [
    new DOMException("the agent ends", "AbortError"),
    new OutriderError("system-failed"),
    new OutriderError("request-invalid"),
  ]) {
    const unseal = async () => Promise.reject(fault);
    const now = new IdentityStore(join(folder, "identity"), {
      seal: async (_name, secret) => secret,
      unseal,
    });
    await t.throwsAsync(now.spoolKey(systemRandom), { is: fault });
    await t.throwsAsync(now.load(), { is: fault });
    await t.throwsAsync(now.keyFor(code), { is: fault });
  }
  t.deepEqual(await read(), before);
  t.deepEqual(
    (await readdir(join(folder, "identity"))).filter((name) => name.endsWith(".unreadable")),
    [],
  );
});

test("a late change of an earlier identity does not overwrite the new one", async (t) => {
  const folder = await folderFor(t);
  const { identities } = await storeIn(folder);
  const older = someone("key-00000");
  const { key: _, ...stored } = someone(keyFileFor(code));
  await identities.keyFor(code);
  await identities.save({ ...stored, applianceName: "new" });
  await identities.saveConfiguration(older, { ...configuration, version: 9 });
  t.is((await identities.load())?.applianceName, "new");
  t.false((await readdir(join(folder, "identity"))).includes("key-00000"));
});

test("each start of the agent is counted, and two machines differ", async (t) => {
  const folder = await folderFor(t);
  const [first, second] = [await readInstance(folder), await readInstance(folder)];
  t.is(second.starts, first.starts + 1);
  t.is(second.bootId, first.bootId, "the same start of the same machine");
  t.regex(first.bootId, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  t.regex(first.machine, /^[0-9a-f]{64}$/);
});

interface Refusing {
  code: string;
  kind: ReplyKind;
  by: "code" | "platform" | "stranger";
}

/** A platform, or somebody in its place, that refuses to enrol. */
function refusing({ code: errorCode, kind, by }: Refusing) {
  return async ({ url: target, method, headers }: TransportRequest) => {
    if (target.pathname === "/.well-known/outrider")
      return {
        status: 200,
        headers: { "content-type": "application/json" },
        content: Buffer.from(JSON.stringify(directory)),
      };
    const content = Buffer.from(JSON.stringify({ error: { code: errorCode } }));
    const signers = {
      code: hmacKey(activationKeyId(code), await activationKey(code)),
      platform: ecdsaSigner("reply:1", replyPair.privateKey),
      stranger: ecdsaSigner(
        "reply:other",
        generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
      ),
    };
    const fields = signReply(
      kind,
      { status: 403, content },
      { method, url: target },
      headers,
      signers[by],
      Date.now(),
      "0123456789abcdef",
    );
    return { status: 403, headers: { "content-type": "application/json", ...fields }, content };
  };
}

async function enrolmentWith(t: ExecutionContext, known: Identity | null, how: Refusing) {
  const { identities } = await storeIn(await folderFor(t));
  const clock = new FakeClock(Date.now());
  const transport = { request: refusing(how), close: async () => undefined };
  return new Enrolment(url, code, known, {
    identities,
    status: new StatusStore(clock.nowMs),
    clock,
    serverClock: new ServerClock(clock),
    random: fixedRandom(0.5),
    log: silentLog,
    counters: { requests: 0, failures: 0 },
    hostname: "x",
    softwareVersion: "1",
    transport: () => transport,
    wakeUp: new WakeUp(),
  });
}

/** Who says what of a code, and whether an enrolled appliance gives its new code up for it. */
const verdicts: [Refusing, "failed" | "refused"][] = [
  [{ code: "code-used", kind: "answer", by: "code" }, "refused"],
  [{ code: "code-expired", kind: "answer", by: "code" }, "refused"],
  // Somebody on the way can name another code to the platform, and pass its own refusal on.
  [{ code: "code-unknown", kind: "refusal", by: "platform" }, "failed"],
  [{ code: "code-unknown", kind: "refusal", by: "code" }, "failed"],
  [{ code: "code-unknown", kind: "refusal", by: "stranger" }, "failed"],
  [{ code: "code-unknown", kind: "answer", by: "code" }, "failed"],
  [{ code: "code-used", kind: "refusal", by: "platform" }, "failed"],
  [{ code: "code-used", kind: "refusal", by: "code" }, "failed"],
  [{ code: "code-used", kind: "answer", by: "platform" }, "failed"],
  [{ code: "code-used", kind: "older-answer", by: "code" }, "failed"],
  [{ code: "appliance-revoked", kind: "answer", by: "code" }, "failed"],
  [{ code: "signature-invalid", kind: "refusal", by: "platform" }, "failed"],
  [{ code: "service-busy", kind: "refusal", by: "platform" }, "failed"],
];

for (const [how, expected] of verdicts) {
  test(`an enrolled appliance whose code meets "${how.code}" as ${how.kind} by ${how.by}: ${expected}`, async (t) => {
    t.is((await (await enrolmentWith(t, someone(), how)).once(never)).kind, expected);
    t.is(
      (await (await enrolmentWith(t, null, how)).once(never)).kind,
      "failed",
      "an appliance without identity goes on trying",
    );
  });
}

test("a certificate is renewed at two thirds of its life, and after a failure tried again hourly, never at once", async (t) => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const authorityClock = {
    ...clock,
    nowMs: clock.nowMs,
    monotonicMs: clock.monotonicMs,
    sleep: clock.sleep,
  };
  const authority = await CertificateAuthority.load(
    await CertificateAuthority.make("Test", authorityClock, systemRandom),
    authorityClock,
    systemRandom,
  );
  const issue = async () =>
    authority.issueAppliance(
      "00000000-0000-4000-8000-000000000001",
      await checkCertificateRequest(await certificateRequest(await makeDeviceKeys())),
    );
  const first = await issue();
  const dueAt = renewalDueAt(first) ?? 0;
  let identity = {
    ...someone(),
    certificate: first,
    certificateAuthorities: authority.certificate,
  };
  const asked: number[] = [];
  const stop = new AbortController();
  const running = keepCertificate(
    {
      clock,
      log: silentLog,
      hostname: "x",
      nowMs: clock.nowMs,
      session: {
        get identity() {
          return identity;
        },
        call: async <T>() => {
          asked.push(clock.nowMs());
          if (asked.length < 3) throw new OutriderError("connect-silent");
          const answer: unknown = {
            serverTime: clock.nowMs(),
            certificate: await issue(),
            certificateAuthorities: authority.certificate,
          };
          return answer as T;
        },
        useCertificate: async (certificate, certificateAuthorities) => {
          identity = { ...identity, certificate, certificateAuthorities };
        },
      },
    },
    stop.signal,
  );
  for (let days = 0; days < 118; days++) {
    await clock.untilSleeping();
    await clock.advance(dayMs);
  }
  t.deepEqual(asked, [], "not before it is time");
  for (let hours = 0; hours < 96 && identity.certificate === first; hours++) {
    await clock.untilSleeping();
    await clock.advance(3_600_000);
  }
  t.is(asked.length, 3);
  t.true((asked[0] ?? 0) >= dueAt && (asked[0] ?? 0) < dueAt + dayMs);
  t.is((asked[1] ?? 0) - (asked[0] ?? 0), 3_600_000);
  t.not(identity.certificate, first);
  t.is(identity.certificateAuthorities, authority.certificate);
  stop.abort();
  await running;
});
