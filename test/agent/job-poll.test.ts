import test from "ava";
import { JobPoll } from "../../src/agent/job-poll.ts";
import type { SignedClient } from "../../src/agent/signed-client.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/protocol/error.ts";
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
  const poll = new JobPoll({
    ...{ clock, random: fixedRandom(0.5), log: silentLog },
    // Only the client's one method is used here.
    session: { contact: (_service, _signal, call) => call({ request } as unknown as SignedClient, "https://j") },
    take: async ({ version }) => void taken.push(version),
  });
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, asked, taken, stop, poll, settle, run: () => poll.run(stop.signal) };
}

const reply = (version: number): JobsReply => ({ serverTime: 1, version, jobs: [], stop: [] });

test("nothing is asked before the first heartbeat, then the list, then each change of it", async (t) => {
  const held = Promise.withResolvers<JobsReply>();
  const { clock, asked, taken, stop, poll, settle, run } = setUp((url) =>
    url.includes("after=4") ? held.promise : url.includes("after=5") ? new Promise(() => undefined) : Promise.resolve(reply(4)),
  );
  void run();
  await settle();
  t.deepEqual(asked, []);
  poll.heard(4);
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

test("where the path cuts held requests, the heartbeats' versions say when to ask", async (t) => {
  let version = 1;
  const { clock, asked, taken, stop, poll, settle, run } = setUp((url) =>
    url.includes("wait") ? Promise.reject(new OutriderError("service-silent")) : Promise.resolve(reply(version)),
  );
  void run();
  poll.heard(1);
  await settle();
  await clock.advance(1000);
  await settle();
  t.deepEqual(asked, ["https://j/jobs", "https://j/jobs?after=1&wait=50", "https://j/jobs"]);
  poll.heard(1);
  await clock.advance(180_000);
  t.is(asked.length, 3, "no news, no request");
  version = 2;
  poll.heard(2);
  await settle();
  t.is(asked.length, 4);
  t.deepEqual(taken, [1, 1, 2]);
  await clock.advance(3_600_000);
  await settle();
  t.true(
    asked.slice(4).some((url) => url.includes("wait")),
    "after an hour a held request is tried again",
  );
  stop.abort();
});

test("an outage under a held request does not count against the path: afterwards requests are held again", async (t) => {
  const answers: (() => Promise<JobsReply>)[] = [
    () => Promise.resolve(reply(1)),
    () => Promise.reject(new OutriderError("service-silent")),
    () => Promise.reject(new OutriderError("connect-silent")),
  ];
  const { clock, asked, stop, poll, settle, run } = setUp(() => answers.shift()?.() ?? new Promise(() => undefined));
  void run();
  poll.heard(1);
  await settle();
  for (let second = 0; second < 40; second++) {
    await clock.advance(1000);
    await settle();
  }
  const held = "https://j/jobs?after=1&wait=50";
  t.deepEqual(asked, ["https://j/jobs", held, "https://j/jobs", held]);
  stop.abort();
});

test("a platform that does not hold requests is not asked without end", async (t) => {
  const { clock, asked, stop, poll, settle, run } = setUp(() => Promise.resolve(reply(1)));
  void run();
  poll.heard(1);
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
  poll.heard(1);
  await settle();
  await clock.advance(20_000);
  t.is(asked.length, 1);
  down = false;
  await clock.advance(5000);
  await settle();
  t.is(taken[0], 1);
  stop.abort();
});
