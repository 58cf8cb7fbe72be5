import test from "ava";
import { CallHome } from "../../src/agent/call-home/call-home.ts";
import { PlatformAnswer } from "../../src/agent/session/reply-errors.ts";
import type { Session } from "../../src/agent/session/session.ts";
import type { SignedClient } from "../../src/agent/session/signed-client.ts";
import { newCounters } from "../../src/agent/status/counters.ts";
import { StatusStore } from "../../src/agent/status/status-store.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { WakeUp } from "../../src/base/wake-up.ts";
import type { Configuration } from "../../src/protocol/schemas/common.ts";
import type { Heartbeat } from "../../src/protocol/schemas/health.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";

const services = {
  enrolment: "https://e",
  health: "https://h",
  updates: "https://u",
  jobs: "https://j",
  results: "https://r",
};
const configuration = (version: number, intervalSeconds: number): Configuration => ({
  version,
  intervalSeconds,
  replyKeys: [{ keyId: "k", publicKey: "" }],
  directory: { platformName: "Test", services, ipRanges: [] },
});

type Reply = unknown | Promise<unknown>;

/** A platform whose replies `answer` makes, by path and count of requests. */
function setUp(answer: (path: string, count: number) => Reply) {
  const clock = new FakeClock();
  const status = new StatusStore(clock.nowMs);
  const calls: { path: string; atMs: number }[] = [];
  const counts = new Map<string, number>();
  const startMs = clock.monotonicMs();
  const request = async ({ url }: { url: string }) => {
    const path = url.replace(/^https:\/\/\w\//, "");
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    calls.push({ path, atMs: clock.monotonicMs() - startMs });
    const reply = await answer(path, count);
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const known = { current: configuration(1, 180) };
  // Only what the rhythm needs of a session; its client answers instead of a network.
  const session = {
    get configuration() {
      return known.current;
    },
    call: (
      service: keyof typeof services,
      signal: AbortSignal,
      call: (client: SignedClient, url: string) => Promise<unknown>,
    ) =>
      status.recordCall(service, signal, () =>
        call({ request } as unknown as SignedClient, services[service]),
      ),
    useConfiguration: async (next: Configuration) => {
      known.current = next;
    },
  } as unknown as Session;
  const wakeUp = new WakeUp();
  const stop = new AbortController();
  const jobVersions: number[] = [];
  const walks: boolean[] = [];
  const ended: number[] = [];
  const counters = newCounters();
  const home = new CallHome({
    session,
    status,
    clock,
    wakeUp,
    counters,
    random: fixedRandom(0.5),
    log: silentLog,
    outages: { missed: () => undefined, reached: async () => undefined },
    heartbeat: async () => ({}) as Heartbeat,
    reached: ({ versions }, all) => {
      jobVersions.push(versions.jobs);
      walks.push(all);
    },
    ended: () => void ended.push(Math.round((clock.monotonicMs() - startMs) / 1000)),
  });
  const run = (start = { uptimeMs: 10 ** 7, justEnrolled: false }) => home.run(start, stop.signal);
  const beats = () =>
    calls.filter(({ path }) => path === "heartbeats").map(({ atMs }) => Math.round(atMs / 1000));
  /** Lets `seconds` pass second by second, so that replies are handled in between. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) await clock.advance(1000);
  };
  return {
    clock,
    status,
    calls,
    known,
    wakeUp,
    stop,
    run,
    beats,
    pass,
    jobVersions,
    walks,
    ended,
    home,
    counters,
  };
}

const beatReply = (
  versions: Partial<{ configuration: number; jobs: number; updates: number }> = {},
) => ({
  serverTime: 1,
  versions: { configuration: 1, jobs: 1, updates: 1, ...versions },
});
function usual(path: string): Reply {
  if (path === "heartbeats") return beatReply();
  if (path === "configuration") return { serverTime: 1, configuration: configuration(1, 180) };
  return new PlatformAnswer("not-found");
}

test("all services are walked at the start, then a cycle is one request, and the 20th walks them again", async (t) => {
  const { calls, beats, pass, run, stop, status, walks } = setUp(usual);
  void run();
  await pass(1);
  t.deepEqual(
    calls.map(({ path }) => path.replace(/.*parts.*/, "parts")),
    ["heartbeats", "configuration", "parts"],
  );
  t.is(status.current.state, "connected");
  await pass(19 * 180 + 10);
  t.is(calls.length, 3 + 19);
  t.deepEqual(beats().slice(0, 4), [0, 180, 360, 540]);
  await pass(180);
  t.is(calls.length, 3 + 19 + 3);
  t.deepEqual(
    walks.map((all, cycle) => (all ? cycle : -1)).filter((cycle) => cycle >= 0),
    [0, 20],
    "updates are walked in these cycles too",
  );
  for (const service of ["enrolment", "health", "results"] as const)
    t.not(status.current.services[service].lastSuccessAt, null);
  stop.abort();
});

test("news of one service calls that service alone", async (t) => {
  const { calls, pass, run, stop, jobVersions } = setUp((path, count) =>
    path === "heartbeats" && count > 1 ? beatReply({ configuration: 2, jobs: 7 }) : usual(path),
  );
  void run();
  await pass(181);
  t.deepEqual(
    calls.slice(3).map(({ path }) => path),
    ["heartbeats", "configuration"],
  );
  t.deepEqual(jobVersions, [1, 7]);
  stop.abort();
});

test("waits grow with each failure, the status shows the failure and the next call, and a success resets both", async (t) => {
  let down = true;
  const { beats, pass, run, stop, status, clock } = setUp((path) =>
    down && path === "heartbeats"
      ? new OutriderError("connect-silent", { detail: "x" })
      : usual(path),
  );
  void run();
  await pass(500);
  // Equal jitter with a chance of one half: three quarters of 30, 60, 120, 240 s.
  t.deepEqual(beats(), [0, 23, 68, 158, 338]);
  t.like(status.current, { state: "failing", failure: { code: "connect-silent", detail: "x" } });
  t.is(Math.round(((status.current.nextCallAt ?? 0) - clock.nowMs()) / 1000), 338 + 360 - 500);
  down = false;
  await pass(300);
  t.is(status.current.state, "connected");
  t.is(status.current.failure, null);
  await pass(180);
  const [last = 0, before = 0] = beats().reverse();
  t.is(last - before, 180);
  stop.abort();
});

test("the wait that Retry-After asks for is kept", async (t) => {
  const busy = new OutriderError("service-busy", { retryAfterMs: 600_000 });
  const { beats, pass, run, stop } = setUp((path, count) =>
    path === "heartbeats" && count === 1 ? busy : usual(path),
  );
  void run();
  await pass(700);
  t.deepEqual(beats(), [0, 630]);
  stop.abort();
});

test("a service that never answers does not delay the heartbeat, and is not asked twice at once", async (t) => {
  const { calls, beats, pass, run, stop } = setUp((path, count) => {
    if (path === "configuration") return new Promise(() => undefined);
    return path === "heartbeats" ? beatReply({ configuration: count }) : usual(path);
  });
  void run();
  await pass(600);
  t.deepEqual(beats(), [0, 180, 360, 540]);
  t.is(calls.filter(({ path }) => path === "configuration").length, 1);
  stop.abort();
});

test("a requested call is made at once", async (t) => {
  const { beats, pass, run, stop, wakeUp } = setUp(usual);
  void run();
  await pass(50);
  wakeUp.raise();
  await new Promise((resolve) => setImmediate(resolve));
  await pass(1);
  t.deepEqual(beats(), [0, 50]);
  stop.abort();
});

test("a shorter interval counts from the moment of the reply that brings it", async (t) => {
  const { beats, pass, run, stop } = setUp((path, count) => {
    if (path === "heartbeats") return beatReply({ configuration: count >= 2 ? 2 : 1 });
    if (path === "configuration" && count >= 2)
      return { serverTime: 1, configuration: configuration(2, 30) };
    return usual(path);
  });
  void run();
  await pass(245);
  t.deepEqual(beats().slice(0, 4), [0, 180, 180, 210]);
  stop.abort();
});

test("after a start of the machine the first call waits for its turn", async (t) => {
  const { beats, pass, run, stop } = setUp(usual);
  void run({ uptimeMs: 20_000, justEnrolled: false });
  await pass(100);
  t.deepEqual(beats(), [80]);
  stop.abort();
});

test("the end of a call is reported whether it succeeded or failed, and an enrolment counts as a call", async (t) => {
  const { pass, run, stop, ended } = setUp((path, count) =>
    path === "heartbeats" && count === 1 ? new OutriderError("connect-silent") : usual(path),
  );
  void run({ uptimeMs: 20_000, justEnrolled: false });
  await pass(79);
  t.deepEqual(ended, []);
  await pass(30);
  t.deepEqual(ended, [80, 103]);
  stop.abort();
  const enrolled = setUp(() => new Promise(() => undefined));
  void enrolled.run({ uptimeMs: 20_000, justEnrolled: true });
  t.deepEqual(enrolled.ended, [0]);
  enrolled.stop.abort();
});

test("after a clock jump or a pause the next call comes soon, at a random moment, and the status shows it by the new clock", async (t) => {
  const { beats, pass, run, stop, home, clock, status, counters } = setUp(usual);
  void run();
  await pass(60);
  clock.wallOffsetMs += 7_200_000;
  home.clockJumped(7_200_000);
  await pass(1);
  // Half of the 30 s over which a host's resumed machines are spread.
  t.is(Math.round(((status.current.nextCallAt ?? 0) - clock.nowMs()) / 1000), 14);
  await pass(15);
  t.deepEqual(beats(), [0, 75]);
  t.is(counters.clockJumps, 1);
  await pass(180);
  t.deepEqual(beats(), [0, 75, 255]);
  stop.abort();
});

test("setting the clock forward or back delays no call", async (t) => {
  const { beats, pass, run, stop, home, clock } = setUp(usual);
  void run();
  await pass(170);
  for (const jumpMs of [-86_400_000, 40 * 365 * 86_400_000]) {
    clock.wallOffsetMs += jumpMs;
    home.clockJumped(jumpMs);
    await pass(1);
  }
  await pass(10);
  t.deepEqual(beats(), [0, 180], "it was due before the spread would have been over");
  stop.abort();
});

test("the first call after a pause may find its connections dead: the next one follows at once", async (t) => {
  const { beats, pass, run, stop, home } = setUp((path, count) =>
    path === "heartbeats" && count === 2 ? new OutriderError("service-silent") : usual(path),
  );
  void run();
  await pass(60);
  home.clockJumped(0);
  await pass(20);
  t.deepEqual(beats(), [0, 75, 77]);
  stop.abort();
});

test("the status has the counters after each call", async (t) => {
  const { pass, run, stop, status } = setUp(usual);
  void run();
  await pass(400);
  t.like(status.current.counters, { heartbeats: 3, clockJumps: 0, spooledParts: 0 });
  stop.abort();
});
