import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import test from "ava";
import { FirstCall } from "../../src/agent/call-home/first-call.ts";
import { IdentityStore } from "../../src/agent/identity/identity-store.ts";
import { ServerClock } from "../../src/agent/session/server-clock.ts";
import { Enrolled } from "../../src/agent/start/enrolled.ts";
import { agentPaths } from "../../src/agent/start/paths.ts";
import { newCounters } from "../../src/agent/status/counters.ts";
import { StatusStore } from "../../src/agent/status/status-store.ts";
import { makeActivationCode } from "../../src/base/activation-code.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { WakeUp } from "../../src/base/wake-up.ts";
import { exampleHost, exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { memoryFiles } from "../testkit/agent/spool-files.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { clockMs, command, configdOf, life, newWorld } from "./command-lives.ts";

const plainSealer = {
  seal: async (_: string, secret: Uint8Array) => secret,
  unseal: async (_: string, sealed: Uint8Array) => sealed,
};
const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test("results, commands' results and a due certificate renewal wait for the first heartbeat, but not for its success", async (t) => {
  const root = await mkdtemp(`${tmpdir()}/outrider-first-call-`);
  t.teardown(() => rm(root, { recursive: true }));
  const paths = agentPaths(root);
  const clock = new FakeClock(clockMs);
  const identities = new IdentityStore(paths.identity, plainSealer);
  const { keyFile, key } = await identities.keyFor(makeActivationCode(new Uint8Array(18)));
  const url = (service: string) => `https://platform.example/${service}`;
  const services = {
    enrolment: url("enrolment"),
    health: url("health"),
    updates: url("updates"),
    jobs: url("jobs"),
    results: url("results"),
  };
  const identity = {
    version: 1 as const,
    applianceId: randomUUID(),
    applianceName: "x",
    platformUrl: url(""),
    keyFile,
    key,
    enrolledAt: 1,
    certificate: "",
    certificateAuthorities: "",
    configuration: {
      version: 1,
      intervalSeconds: 180,
      replyKeys: [],
      directory: { platformName: "Test", ipRanges: [], services },
    },
  };
  const spool = await openSpool("/spool", { files: memoryFiles() });
  await (await spool.add(exampleJob, 1)).writeParts(1, [exampleHost("192.0.2.1")]);
  const result = { end: "done" as const, code: null, detail: "", startedAt: 1, endedAt: 1 };
  const record = {
    applianceId: identity.applianceId,
    takenAt: 1,
    startedAt: 1,
    startedIn: "the start before this one",
  };
  await spool.commands.write({
    ...record,
    command: command("doctor"),
    state: "ended",
    result,
  });
  const asked: string[] = [];
  const heartbeat = Promise.withResolvers<never>();
  const enrolled = new Enrolled({
    configuration: {
      settings: {
        hostname: "x",
        platformUrl: url(""),
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
    paths,
    clock,
    identity,
    identities,
    spool,
    random: fixedRandom(0.5),
    log: silentLog,
    softwareVersion: "1",
    inventory: async () => null,
    configd: new FakeConfigd({ folder: `${root}/units`, environment: {} }),
    instance: { machine: "m", bootId: randomUUID(), starts: 1 },
    status: new StatusStore(clock.nowMs),
    serverClock: new ServerClock(clock),
    counters: newCounters(),
    callWakeUp: new WakeUp(),
    requestWakeUp: new WakeUp(),
    egress: { record: () => undefined },
    transport: () => ({
      request: (request) => {
        const { pathname } = new URL(request.url);
        asked.push(pathname.split("/")[1] ?? "");
        return pathname.endsWith("/heartbeats")
          ? heartbeat.promise
          : Promise.reject(new OutriderError("connect-silent"));
      },
      close: async () => undefined,
      trust: () => undefined,
    }),
    openTransport: () => {
      throw new Error("nothing else is asked");
    },
  });
  const stop = new AbortController();
  const running = enrolled.run(false, stop.signal);
  await turns();
  // A machine that has just started would wait for its turn.
  while (asked.length === 0) await clock.advance(1000);
  await clock.advance(20_000);
  await turns();
  t.deepEqual(asked, ["health"]);
  heartbeat.reject(new OutriderError("service-error"));
  while (asked.length < 4) await turns();
  t.deepEqual(asked.slice(1).sort(), ["enrolment", "results", "results"]);
  stop.abort(new Error("SIGTERM"));
  await running;
});

test("a loop that waits for the first call ends when its signal is aborted", async (t) => {
  const stop = new AbortController();
  const seen: boolean[] = [];
  const waiting = new FirstCall().before(
    async ({ aborted }) => void seen.push(aborted),
    stop.signal,
  );
  stop.abort();
  await waiting;
  t.deepEqual(seen, [true]);
});

test("a waiting command begins or expires by the platform's time only, not by the local clock", async (t) => {
  const world = newWorld();
  const { client } = configdOf({ doctor: () => ({ results: [] }) });
  let platformMs: number | null = null;
  const { commands, resting, end } = await life(world, client, { platformNowMs: () => platformMs });
  const dayMs = 86_400_000;
  await commands.take([
    command("doctor", { expiresAt: clockMs - dayMs }),
    command("doctor", { expiresAt: clockMs - 3 * dayMs }),
  ]);
  await resting();
  t.deepEqual(world.reports, []);
  platformMs = clockMs - 2 * dayMs;
  commands.calledHome();
  while (world.reports.length < 2) await turns();
  await end();
  t.deepEqual(
    world.reports.map(({ result }) => result.end),
    ["done", "expired"],
  );
});

test("a network change on trial is confirmed before the first call home; other commands wait for that call", async (t) => {
  const world = newWorld();
  const given = command("network", { network: { why: "x" } });
  const by = { how: "platform", who: given.id, why: "" };
  const { client, calls } = configdOf({
    status: () => ({
      trial: null,
      lastTrial: calls.includes("tryRemote") ? { by, end: "kept", detail: "" } : null,
    }),
    tryRemote: () => new Promise(() => undefined),
    doctor: () => ({ results: [] }),
  });
  const before = await life(world, client);
  await before.commands.take([given, command("doctor")]);
  while (!calls.includes("tryRemote")) await turns();
  void before.end();
  const after = await life(world, client, { calledHome: false });
  await after.resting();
  t.like(world.reports, [{ id: given.id, result: { end: "done" } }]);
  t.false(calls.includes("doctor"));
  after.commands.calledHome();
  while (world.reports.length < 2) await turns();
  await after.end();
  t.true(calls.includes("doctor"));
});
