import test from "ava";
import { ServerClock } from "../../src/agent/session/server-clock.ts";
import type { Clock } from "../../src/base/clock.ts";

/** This machine's clock is ten minutes behind the platform's. */
function clocks() {
  let elapsedMs = 0;
  const localStartMs = 1_790_000_000_000;
  const clock: Clock = {
    nowMs: () => localStartMs + elapsedMs,
    monotonicMs: () => 5000 + elapsedMs,
    sleep: () => Promise.reject(new Error("no sleep")),
  };
  const serverNowMs = () => clock.nowMs() + 600_000;
  return {
    server: new ServerClock(clock),
    clock,
    serverNowMs,
    pass: (ms: number) => (elapsedMs += ms),
  };
}

test("before the first reply the local clock counts, after it the platform's", (t) => {
  const { server, clock, serverNowMs, pass } = clocks();
  t.is(server.nowMs(), clock.nowMs());
  t.is(server.offsetMs(), null);
  const sentAtMs = clock.monotonicMs();
  pass(50);
  const saidMs = serverNowMs();
  pass(50);
  server.learn(saidMs, sentAtMs, clock.monotonicMs());
  t.is(server.offsetMs(), 600_000);
  pass(3_600_000);
  t.is(server.nowMs(), serverNowMs());
});

test("a reply that the platform held for most of a minute does not move a better estimate", (t) => {
  const { server, clock, serverNowMs, pass } = clocks();
  server.learn(serverNowMs(), clock.monotonicMs(), clock.monotonicMs());
  const sentAtMs = clock.monotonicMs();
  pass(50_000);
  server.learn(serverNowMs(), sentAtMs, clock.monotonicMs());
  t.is(server.offsetMs(), 600_000);
});

test("after a first reply that was held, the next quick reply corrects the estimate", (t) => {
  const { server, clock, serverNowMs, pass } = clocks();
  const sentAtMs = clock.monotonicMs();
  pass(50_000);
  server.learn(serverNowMs(), sentAtMs, clock.monotonicMs());
  t.is(server.offsetMs(), 625_000);
  server.learn(serverNowMs(), clock.monotonicMs(), clock.monotonicMs());
  t.is(server.offsetMs(), 600_000);
});

test("a signature's time counts only to the second", (t) => {
  const { server, clock, serverNowMs } = clocks();
  server.learn(serverNowMs(), clock.monotonicMs(), clock.monotonicMs());
  server.learn(serverNowMs() + 400, clock.monotonicMs(), clock.monotonicMs(), 500);
  t.is(server.offsetMs(), 600_000);
  server.learn(serverNowMs() + 5000, clock.monotonicMs(), clock.monotonicMs(), 500);
  t.is(server.offsetMs(), 604_500);
});
