import test from "ava";
import fc from "fast-check";
import { JobPoll } from "../../src/agent/job-poll/job-poll.ts";
import {
  afterCut,
  afterHeld,
  type LongPollLength,
  longestLongPoll,
} from "../../src/agent/job-poll/long-poll-length.ts";
import type { SignedClient } from "../../src/agent/session/signed-client.ts";
import { newCounters } from "../../src/agent/status/counters.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { JobsReply } from "../../src/protocol/schemas/jobs.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";

function setUp(answer: (url: string) => Promise<JobsReply>) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const taken: number[] = [];
  const stop = new AbortController();
  const request = ({ url }: { url: string }) => {
    asked.push(url);
    return answer(url);
  };
  const counters = newCounters();
  const poll = new JobPoll({
    clock,
    counters,
    random: fixedRandom(0.5),
    log: silentLog,
    // Only the client's one method is used here.
    session: {
      call: (_service, _signal, call) => call({ request } as unknown as SignedClient, "https://j"),
    },
    take: async ({ version }) => void taken.push(version),
  });
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, asked, taken, stop, poll, settle, counters, run: () => poll.run(stop.signal) };
}

const reply = (version: number): JobsReply => ({
  serverTime: 1,
  version,
  jobs: [],
  stop: [],
  commands: [],
});

test("no jobs are requested before the first heartbeat, then the list, then each change of it", async (t) => {
  const held = Promise.withResolvers<JobsReply>();
  const { clock, asked, taken, stop, poll, settle, run } = setUp((url) => {
    if (url.includes("after=4")) return held.promise;
    return url.includes("after=5") ? new Promise(() => undefined) : Promise.resolve(reply(4));
  });
  void run();
  await settle();
  t.deepEqual(asked, []);
  poll.onVersion(4);
  await settle();
  await clock.advance(1000);
  await settle();
  t.deepEqual(asked, ["https://j/jobs", "https://j/jobs?after=4&wait=50"]);
  held.resolve(reply(5));
  await settle();
  await clock.advance(1000);
  await settle();
  t.deepEqual(taken, [4, 5]);
  t.is(asked.at(-1), "https://j/jobs?after=5&wait=50");
  stop.abort();
});

/** A path that lets a request wait for at most so long: cut by a reset, or silently dropped. */
function middlebox(
  clock: FakeClock,
  state: { cutAfterSeconds: number; silent: boolean; version: number },
) {
  return async (url: string): Promise<JobsReply> => {
    const waitSeconds = Number(/wait=(\d+)/.exec(url)?.[1] ?? 0);
    if (waitSeconds <= state.cutAfterSeconds) await clock.sleep(waitSeconds * 1000);
    else {
      await clock.sleep(state.silent ? (waitSeconds + 12) * 1000 : state.cutAfterSeconds * 1000);
      throw new OutriderError(state.silent ? "service-silent" : "connect-reset");
    }
    return reply(state.version);
  };
}

const waits = (asked: readonly string[]) =>
  asked.flatMap((url) => /wait=(\d+)/.exec(url)?.[1] ?? []).map(Number);

for (const [cutAfterSeconds, silent, learnt] of [
  [60, false, 50],
  [45, false, 30],
  [30, false, 20],
  [30, true, 20],
  [20, true, 20],
  [14, false, 10],
  [11, true, 10],
  [5, false, 0],
  [5, true, 0],
] as const)
  test(`on a path that ${silent ? "silently drops" : "cuts"} requests that wait for ${cutAfterSeconds} s the agent makes ${learnt === 0 ? "no long polls" : `long polls of ${learnt} s`}`, async (t) => {
    const state = { cutAfterSeconds, silent, version: 1 };
    let answer: (url: string) => Promise<JobsReply> = () => Promise.resolve(reply(1));
    const { clock, asked, stop, poll, settle, run, counters, taken } = setUp((url) => answer(url));
    answer = middlebox(clock, state);
    void run();
    poll.onVersion(1);
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        await clock.advance(1000);
        await settle();
      }
    };
    await pass(600);
    t.is(counters.pollSeconds, learnt);
    const before = asked.length;
    await pass(600);
    const later = waits(asked.slice(before));
    t.true(
      learnt === 0
        ? asked.length === before
        : later.length >= 8 && later.every((each) => each === learnt),
      later.join(),
    );
    state.version = 2;
    poll.onVersion(2);
    await pass(60);
    t.is(taken.at(-1), 2, "news arrive in every case");
    stop.abort();
  });

test("a path that improved is noticed within hours", async (t) => {
  const state = { cutAfterSeconds: 5, silent: false, version: 1 };
  let answer: (url: string) => Promise<JobsReply> = () => Promise.resolve(reply(1));
  const { clock, stop, poll, settle, run, counters } = setUp((url) => answer(url));
  answer = middlebox(clock, state);
  void run();
  poll.onVersion(1);
  const pass = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute++) {
      for (let turn = 0; turn < 4; turn++) {
        await clock.advance(15_000);
        await settle();
      }
    }
  };
  await pass(20);
  t.is(counters.pollSeconds, 0);
  state.cutAfterSeconds = 60;
  await pass(130);
  t.true((counters.pollSeconds ?? 0) >= 10);
  await pass(6 * 60);
  t.is(counters.pollSeconds, 50);
  stop.abort();
});

test("the length of long polls only takes values that the path let through, or shorter ones", (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          cut: fc.boolean(),
          elapsedMs: fc.integer({ min: 0, max: 70_000 }),
          pauseMs: fc.integer({ min: 0, max: 7_200_000 }),
        }),
      ),
      (events) => {
        let length: LongPollLength = longestLongPoll;
        let nowMs = 0;
        for (const { cut, elapsedMs, pauseMs } of events) {
          nowMs += pauseMs;
          const next = cut ? afterCut(length, elapsedMs, nowMs) : afterHeld(length, nowMs);
          t.true([0, 10, 15, 20, 30, 40, 50].includes(next.seconds));
          t.true(
            cut
              ? next.seconds === 0 || next.seconds < length.seconds
              : next.seconds >= length.seconds,
          );
          length = next;
        }
      },
    ),
  );
});

test("an outage during a long poll does not count against the path: afterwards long polls continue", async (t) => {
  const answers: (() => Promise<JobsReply>)[] = [
    () => Promise.resolve(reply(1)),
    () => Promise.reject(new OutriderError("service-silent")),
    () => Promise.reject(new OutriderError("connect-silent")),
  ];
  const { clock, asked, stop, poll, settle, run } = setUp(
    () => answers.shift()?.() ?? new Promise(() => undefined),
  );
  void run();
  poll.onVersion(1);
  await settle();
  for (let second = 0; second < 100; second++) {
    await clock.advance(1000);
    // A heartbeat got through again.
    if (second === 90) poll.onVersion(1);
    await settle();
  }
  const held = "https://j/jobs?after=1&wait=50";
  t.deepEqual(asked, ["https://j/jobs", held, "https://j/jobs", held]);
  stop.abort();
});

test("a platform that does not hold requests is not called without pauses", async (t) => {
  const { clock, asked, stop, poll, settle, run } = setUp(() => Promise.resolve(reply(1)));
  void run();
  poll.onVersion(1);
  await settle();
  for (let second = 0; second < 60; second++) {
    await clock.advance(1000);
    await settle();
  }
  t.true(asked.length <= 62, `${asked.length} requests in a minute`);
  stop.abort();
});

test("a service that fails is tried again after a pause", async (t) => {
  let down = true;
  const { clock, asked, taken, stop, poll, settle, run } = setUp(() =>
    down ? Promise.reject(new OutriderError("connect-refused")) : Promise.resolve(reply(1)),
  );
  void run();
  poll.onVersion(1);
  await settle();
  await clock.advance(20_000);
  t.is(asked.length, 1);
  down = false;
  await clock.advance(5000);
  await settle();
  t.is(asked.length, 1, "the heartbeat goes first");
  poll.onVersion(1);
  await settle();
  t.is(taken[0], 1);
  stop.abort();
});
