import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import test, { type ExecutionContext } from "ava";
import { type Identity, IdentityStore } from "../../src/agent/identity/identity-store.ts";
import { PlatformAccess } from "../../src/agent/identity/platform-access.ts";
import { ServerClock } from "../../src/agent/session/server-clock.ts";
import { Session } from "../../src/agent/session/session.ts";
import { Agent } from "../../src/agent/start/agent.ts";
import { agentPaths } from "../../src/agent/start/paths.ts";
import { StatusStore } from "../../src/agent/status/status-store.ts";
import { makeActivationCode } from "../../src/base/activation-code.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Configuration } from "../../src/protocol/schemas/common.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";

/** As where the machine cannot seal. */
const plainSealer = {
  seal: async (_: string, secret: Uint8Array) => secret,
  unseal: async (_: string, sealed: Uint8Array) => sealed,
};
const url = "https://127.0.0.1:1";
const directory = {
  platformName: "Test",
  ipRanges: [],
  services: { enrolment: url, health: url, updates: url, jobs: url, results: url },
};
const replyKey = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .publicKey.export({ format: "der", type: "spki" })
  .toString("base64");
const configuration = (version: number, publicKey: string): Configuration => ({
  version,
  intervalSeconds: 180,
  directory,
  replyKeys: [{ keyId: `reply:${version}`, publicKey }],
});

async function enrolledBefore(
  t: ExecutionContext,
): Promise<{ root: string; identities: IdentityStore; identity: Identity }> {
  const root = await mkdtemp(`${tmpdir()}/outrider-agent-`);
  t.teardown(() => rm(root, { recursive: true }));
  const identities = new IdentityStore(agentPaths(root).identity, plainSealer);
  const { keyFile } = await identities.keyFor(makeActivationCode(new Uint8Array(18)));
  const names = {
    applianceId: "00000000-0000-4000-8000-000000000001",
    applianceName: "x",
    platformUrl: url,
  };
  await identities.save({
    version: 1,
    ...names,
    certificate: "",
    certificateAuthorities: "",
    configuration: configuration(1, replyKey),
    keyFile,
    enrolledAt: 1,
  });
  const identity = await identities.load();
  if (!identity) throw new Error("not enrolled");
  return { root, identities, identity };
}

test("an agent whose signal is aborted while it starts ends", async (t) => {
  const { root } = await enrolledBefore(t);
  const agent = new Agent({
    configuration: {
      settings: {
        hostname: "x",
        platformUrl: url,
        proxy: { kind: "none" },
        trustedCertificates: [],
        scanDevice: null,
        mode: "single",
        managementDevice: null,
        scanExclusions: [],
        simulated: null,
      },
      proxyPassword: null,
      activationCode: null,
    },
    paths: agentPaths(root),
    configd: new FakeConfigd({ folder: `${root}/units`, environment: {} }),
    clock: new FakeClock(),
    random: fixedRandom(0.5),
    log: silentLog,
    softwareVersion: "1.0.0",
    inventory: async () => null,
  });
  t.timeout(120_000);
  await t.notThrowsAsync(agent.run(AbortSignal.abort(new Error("SIGTERM"))));
});

function sessionOf(
  identity: Identity,
  identities: IdentityStore,
  certificateChanged?: (...given: string[]) => void,
): Session {
  const clock = new FakeClock();
  return new Session(identity, {
    identities,
    clock,
    random: fixedRandom(0.5),
    softwareVersion: "1.0.0",
    counters: { requests: 0, failures: 0 },
    transport: {
      request: () => Promise.reject(new Error("not asked")),
      close: async () => undefined,
    },
    serverClock: new ServerClock(clock),
    status: new StatusStore(clock.nowMs),
    log: silentLog,
    bootId: "00000000-0000-4000-8000-000000000002",
    access: new PlatformAccess(clock, null),
    ...(certificateChanged ? { certificateChanged } : {}),
  });
}

test("a configuration with unreadable reply keys is refused before it is saved, and the old keys stay", async (t) => {
  const { identities, identity } = await enrolledBefore(t);
  const session = sessionOf(identity, identities);
  await t.throwsAsync(session.useConfiguration(configuration(2, "AAAA")));
  t.is(session.configuration.version, 1);
  t.is((await identities.load())?.configuration.version, 1);
});

test("a renewed certificate and its authorities are used at once and saved; an unreadable one is neither", async (t) => {
  const { identities, identity } = await enrolledBefore(t);
  const used: string[][] = [];
  const session = sessionOf(identity, identities, (...given) => used.push(given));
  const { certificate } = await makeTestAuthority();
  await t.throwsAsync(session.useCertificate(certificate, "nothing"), {
    message: /service-unexpected|cannot be read/,
  });
  t.is((await identities.load())?.certificate, "");
  await session.useCertificate(certificate, certificate);
  t.deepEqual(used, [[certificate, certificate]]);
  t.is((await identities.load())?.certificateAuthorities, certificate);
});
