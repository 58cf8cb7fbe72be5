import test from "ava";
import { watchClock } from "../../src/agent/call-home/clock-watch.ts";
import { FakeClock } from "../testkit/clock.ts";

function setUp() {
  const clock = new FakeClock();
  const stop = new AbortController();
  const jumps: number[] = [];
  void watchClock(clock, (jumpMs) => jumps.push(jumpMs), stop.signal);
  return { clock, jumps, stop };
}

test("a clock that is set, and a machine that was suspended, are noticed within 20 s", async (t) => {
  const { clock, jumps, stop } = setUp();
  await clock.advance(3_600_000);
  t.deepEqual(jumps, []);
  clock.wallOffsetMs -= 86_400_000;
  await clock.advance(20_000);
  clock.wallOffsetMs += 7_200_000;
  await clock.advance(20_000);
  t.deepEqual(jumps, [-86_400_000, 7_200_000]);
  stop.abort();
});

test("the small corrections of time synchronisation are no jump", async (t) => {
  const { clock, jumps, stop } = setUp();
  for (let turn = 0; turn < 100; turn++) {
    clock.wallOffsetMs += turn % 2 === 0 ? 400 : -350;
    await clock.advance(20_000);
  }
  t.deepEqual(jumps, []);
  stop.abort();
});

test("a paused process is noticed although both clocks continued", async (t) => {
  const jumps: number[] = [];
  const stop = new AbortController();
  const clock = new FakeClock();
  let turns = 0;
  // Woken far too late, as after SIGSTOP or on a machine that was paused with its clocks running.
  const late = {
    nowMs: clock.nowMs,
    monotonicMs: clock.monotonicMs,
    sleep: async (durationMs: number, signal?: AbortSignal) => {
      if (turns++ > 2) return clock.sleep(durationMs, signal);
      await clock.advance(turns === 2 ? 600_000 : durationMs);
    },
  };
  const watched = watchClock(late, (jumpMs) => jumps.push(jumpMs), stop.signal);
  await clock.untilSleeping();
  t.deepEqual(jumps, [0]);
  stop.abort();
  await watched;
});
