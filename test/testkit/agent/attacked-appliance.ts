import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { IdentityStore } from "../../../src/agent/identity/identity-store.ts";
import { PlatformAccess } from "../../../src/agent/identity/platform-access.ts";
import { JobQueue } from "../../../src/agent/scan-jobs/job-queue.ts";
import { Uploader } from "../../../src/agent/scan-jobs/uploader.ts";
import { readConfiguration, readSuccessions } from "../../../src/agent/services/enrolment.ts";
import { acknowledgeJob, listJobs } from "../../../src/agent/services/jobs.ts";
import { listParts, sendCompletion, sendPart } from "../../../src/agent/services/results.ts";
import { ServerClock } from "../../../src/agent/session/server-clock.ts";
import { Session } from "../../../src/agent/session/session.ts";
import { StatusStore } from "../../../src/agent/status/status-store.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { systemRandom } from "../../../src/base/random.ts";
import { engines } from "../../../src/scan/engines/engines.ts";
import { HttpTransport } from "../../../src/transport/http-transport.ts";
import { noAuthentication } from "../../../src/transport/proxy/none.ts";
import { FakeConfigd } from "../configd/fake-configd.ts";
import { enrolAppliance } from "../platform/appliance.ts";
import type { TestPlatform } from "../platform/platform.ts";
import { patientLimits } from "../proxies/patient-limits.ts";
import { processReader } from "../scan/output-reader.ts";
import { Attacker } from "./attacker.ts";
import { openSpool } from "./spool.ts";

/**
 * An enrolled appliance behind an inspecting proxy whose authority it trusts, and the real platform
 * behind that.
 */
export async function attackedAppliance(t: ExecutionContext, platform: TestPlatform) {
  t.timeout(300_000);
  const attacker = await Attacker.start(platform);
  const folder = await mkdtemp(join(tmpdir(), "outrider-attacked-"));
  const { code } = await platform.api.makeCode();
  const { enrolment, signer } = await enrolAppliance({
    platformUrl: platform.url,
    dispatcher: platform.dispatcher,
    code,
  });
  const openTransport = (allowUnknownIssuer: boolean) =>
    new HttpTransport({
      proxy: { host: "127.0.0.1", port: attacker.port, authentication: noAuthentication },
      trust: {
        certificateAuthorities: [enrolment.certificateAuthorities],
        allowUnknownIssuer,
      },
      resolve: async () => ["127.0.0.1"],
      limits: patientLimits,
    });
  const transport = openTransport(false);
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
    following: {
      openTransport: () => openTransport(true),
      readSuccessions,
      readConfiguration,
    },
  });
  const never = new AbortController().signal;
  const spool = await openSpool(join(folder, "spool"));
  const jobQueue = new JobQueue({
    spool,
    clock: systemClock,
    log: silentLog,
    scanFolder: join(folder, "scan"),
    engines,
    reader: processReader(),
    configd: new FakeConfigd({ folder: join(folder, "units"), environment: {} }),
    device: () => null,
    exclusions: () => [],
    nearby: async () => [],
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
