import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import test from "ava";
import { Agent as Dispatcher } from "undici";
import { Agent } from "../../src/agent/start/agent.ts";
import { agentPaths } from "../../src/agent/start/paths.ts";
import { silentLog } from "../../src/base/log.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { VerbName, VerbReply, VerbRequest } from "../../src/configd/api/api.ts";
import { readOptions } from "../../src/platform/options.ts";
import { type RunningPlatform, startPlatform } from "../../src/platform/platform.ts";
import { FakeClock } from "../testkit/clock.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { OperatorApi } from "../testkit/platform/platform.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";

/** `npm run soak` takes 30. */
const days = Number(process.env.SOAK_DAYS ?? "0.5");
const hourMs = 3_600_000;

/** Remembers nothing, so that any growth is the agent's. */
class ForgetfulConfigd extends FakeConfigd {
  override async call<Name extends VerbName>(
    name: Name,
    request: VerbRequest<Name>,
  ): Promise<VerbReply<Name>> {
    const reply = await super.call(name, request);
    this.calls.length = 0;
    this.statuses.length = 0;
    return reply;
  }
}

interface Figures {
  heapMegabytes: number;
  sockets: number;
  timers: number;
  sleepers: number;
}

type Counted = { calls: number } & Partial<
  Record<"heartbeats" | "requests" | "failures" | "repeats" | "connections" | "polls", number>
>;

function figures(clock: FakeClock): Figures {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") for (let turn = 0; turn < 4; turn++) collect();
  const resources = process.getActiveResourcesInfo();
  return {
    heapMegabytes: process.memoryUsage().heapUsed / 2 ** 20,
    sockets: resources.filter((name) => /TCP|TLS/.test(name)).length,
    timers: resources.filter((name) => name === "Timeout").length,
    sleepers: clock.sleepsMs.length,
  };
}

/** The real agent and platform over real connections; only the time is simulated. */
test(`${days} simulated days with an outage every six hours: memory, sockets and timers do not grow`, async (t) => {
  t.timeout(days > 1 ? 7_200_000 : 600_000);
  const root = await mkdtemp(join(tmpdir(), "outrider-soak-"));
  const clock = new FakeClock(Date.now());
  const stop = new AbortController();
  let port = 0;
  const start = async (): Promise<RunningPlatform> => {
    const options = readOptions([
      "--data",
      join(root, "platform"),
      "--listen",
      `127.0.0.1:${port}`,
      "--url",
      `https://127.0.0.1:${port}`,
    ]);
    const running = await startPlatform(options, {
      clock,
      random: systemRandom,
      log: silentLog,
      version: "0.0.0-soak",
    });
    port = running.port;
    return running;
  };
  let platform: RunningPlatform | null = await start();
  const authority = JSON.parse(
    await readFile(join(root, "platform/certificate-authority.json"), "utf8"),
  );
  const dispatcher = new Dispatcher({ connect: { ca: authority.certificate } });
  const api = new OperatorApi(
    `https://127.0.0.1:${port}`,
    (await readFile(join(root, "platform/operator-token"), "utf8")).trim(),
    dispatcher,
  );
  const { code } = await api.makeCode("soak");
  await api.publish({ kind: "signatures", name: "core", version: "1" }, Buffer.alloc(100_000, 1));
  await dispatcher.destroy();

  const paths = agentPaths(root);
  const agent = new Agent({
    path: { limits: patientLimits },
    configuration: {
      settings: {
        hostname: "soak",
        platformUrl: `https://127.0.0.1:${port}`,
        proxy: { kind: "none" },
        trustedCertificates: [],
        scanDevice: "eth0",
        mode: "single",
        managementDevice: null,
        scanExclusions: [],
        simulated: null,
      },
      proxyPassword: null,
      activationCode: code,
    },
    paths,
    clock,
    random: systemRandom,
    log: silentLog,
    softwareVersion: "0.0.0-soak",
    configd: new ForgetfulConfigd({ folder: join(root, "units"), environment: {} }),
    inventory: async () => null,
  });
  const ended = agent.run(stop.signal);
  t.teardown(async () => {
    stop.abort(new Error("the test is over"));
    await ended.catch(() => undefined);
    await platform?.close();
    await rm(root, { recursive: true, force: true });
  });
  const until = async (check: () => boolean) => {
    const changed = Promise.withResolvers<void>();
    const unsubscribe = agent.status.subscribe(() => {
      if (check()) changed.resolve();
    });
    if (!check()) await changed.promise;
    unsubscribe();
  };
  const settled = () =>
    agent.status.current.state === "connected" &&
    agent.status.current.content?.[0]?.state === "fetched";
  while (!settled()) {
    await clock.advance(10);
  }

  let calls = 0;
  /** To the next call's moment, and until it has ended in one way or the other. */
  const oneCall = async () => {
    const due = agent.status.current.nextCallAt ?? 0;
    while (clock.nowMs() < due) await clock.advance(Math.min(10_000, due - clock.nowMs()));
    await until(() => (agent.status.current.nextCallAt ?? 0) > due);
    calls++;
  };
  const goOn = async (durationMs: number) => {
    for (const endMs = clock.nowMs() + durationMs; clock.nowMs() < endMs; ) await oneCall();
  };
  const sixHours = async () => {
    await goOn(3 * hourMs);
    await platform?.close();
    platform = null;
    await goOn(hourMs);
    t.is(agent.status.current.state, "failing");
    platform = await start();
    await goOn(2 * hourMs);
    t.is(agent.status.current.state, "connected");
  };

  /**
   * The most of ten moments: at one, a connection is there that is closed or not yet opened at
   * another.
   */
  const most = async (): Promise<Figures> => {
    let found = figures(clock);
    for (let moment = 1; moment < 10; moment++) {
      await oneCall();
      const { heapMegabytes, sockets, timers, sleepers } = figures(clock);
      found = {
        heapMegabytes: Math.min(found.heapMegabytes, heapMegabytes),
        sockets: Math.max(found.sockets, sockets),
        timers: Math.max(found.timers, timers),
        sleepers: Math.max(found.sleepers, sleepers),
      };
    }
    return found;
  };

  await sixHours();
  const before = await most();
  for (let done = 1; done < days * 4; done++) await sixHours();
  const after = await most();
  const { counters } = agent.status.current;
  t.log(JSON.stringify({ calls, before, after, counters }));
  if (days >= 30)
    await writeFile(
      new URL("../../docs/measured/soak.md", import.meta.url),
      table(before, after, { calls, ...counters }),
    );
  // Room for caches and lazily compiled code, the platform's included, which runs in the same
  // process.
  t.true(
    after.heapMegabytes - before.heapMegabytes < 4,
    `heap ${before.heapMegabytes} -> ${after.heapMegabytes} MB`,
  );
  // A connection has three handles, with both of its ends in this process.
  t.true(after.sockets <= before.sockets + 4, `sockets ${before.sockets} -> ${after.sockets}`);
  t.true(after.timers <= before.timers + 4, `timers ${before.timers} -> ${after.timers}`);
  t.true(after.sleepers <= before.sleepers + 1, `sleepers ${before.sleepers} -> ${after.sleepers}`);
  t.true((counters?.heartbeats ?? 0) > days * 350);
  t.is(counters?.pollSeconds, 50, "no outage was taken for a path that cuts");
});

function table(
  before: Figures,
  after: Figures,
  {
    calls,
    heartbeats = 0,
    requests = 0,
    failures = 0,
    repeats = 0,
    connections = 0,
    polls = 0,
  }: Counted,
): string {
  const row = (name: string, pick: (figures: Figures) => string) =>
    `| ${name} | ${pick(before)} | ${pick(after)} |`;
  return `# Soak

Written by \`npm run soak\`: ${days} simulated days of one agent and one platform, both as they are, with real connections between them; only the time is made. Every six hours
the platform is away for one. What is left after garbage collection, of both together, after the first six hours and at the end (of ten moments the least heap, and the most of the rest):

| | after 6 hours | after ${days} days |
|---|---|---|
${row("heap", ({ heapMegabytes }) => `${heapMegabytes.toFixed(1)} MB`)}
${row("sockets", ({ sockets }) => String(sockets))}
${row("Node's timers", ({ timers }) => String(timers))}
${row("waits for the clock", ({ sleepers }) => String(sleepers))}

In that time: ${days * 4} outages, ${calls} calls, of which ${heartbeats} got through; ${requests} requests, ${failures} of them failed, ${repeats} were repeated at once; ${polls} requests for
jobs were held; ${connections} connections were made.
`;
}
