import test from "ava";
import fc from "fast-check";
import {
  backOffMs,
  boundedIntervalMs,
  firstContactDelayMs,
  isFullCycle,
  jitteredIntervalMs,
  waitAfterFailureMs,
} from "../../src/agent/schedule/schedule.ts";

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const minute = 60_000;

test("the interval stays within 30 s and 24 h and varies by a tenth", (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -1000, max: 10 ** 9 }), fraction, (intervalMs, chance) => {
      const bounded = boundedIntervalMs(intervalMs);
      const waitMs = jitteredIntervalMs(intervalMs, chance);
      t.true(bounded >= 30_000 && bounded <= 86_400_000);
      t.true(waitMs >= Math.floor(bounded * 0.9) && waitMs <= Math.ceil(bounded * 1.1));
    }),
  );
  t.is(jitteredIntervalMs(180_000, 0.5), 180_000);
});

test("the wait after failures doubles from 15 s to 10 min, half of it random", (t) => {
  t.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 1000].map((failures) =>
      [backOffMs(failures, 0), backOffMs(failures, 1)].map((waitMs) => waitMs / 1000),
    ),
    [
      [15, 30],
      [30, 60],
      [60, 120],
      [120, 240],
      [240, 480],
      [300, 600],
      [300, 600],
      [300, 600],
    ],
  );
});

test("the first contact is spread over one interval after a start of the machine, and made at once otherwise", (t) => {
  const start = { intervalMs: 180_000, uptimeMs: 10_000, justEnrolled: false };
  t.is(firstContactDelayMs(start, 0), 0);
  t.is(firstContactDelayMs(start, 0.5), 85_000);
  t.is(firstContactDelayMs({ ...start, uptimeMs: 181_000 }, 0.9), 0);
  t.is(firstContactDelayMs({ ...start, justEnrolled: true }, 0.9), 0);
  t.true(firstContactDelayMs({ ...start, intervalMs: 86_400_000 }, 0.999) <= 10 * minute);
});

test("ten thousand appliances that start together do not call together", (t) => {
  const buckets = new Map<number, number>();
  for (let index = 0; index < 10_000; index++) {
    const second = Math.floor(
      firstContactDelayMs(
        { intervalMs: 180_000, uptimeMs: 0, justEnrolled: false },
        Math.random(),
      ) / 1000,
    );
    buckets.set(second, (buckets.get(second) ?? 0) + 1);
  }
  // 56 a second on average; far more than twice that in one second has no chance.
  t.true(Math.max(...buckets.values()) < 130);
});

test("the wait that the platform asks for is kept, and a refused identity calls hourly at last", (t) => {
  t.is(waitAfterFailureMs({ failures: 1, refusals: 0 }, 0), 15_000);
  t.is(waitAfterFailureMs({ failures: 1, refusals: 0, retryAfterMs: 120_000 }, 0), 120_000);
  t.is(waitAfterFailureMs({ failures: 5, refusals: 0, retryAfterMs: 1000 }, 0), 240_000);
  t.is(waitAfterFailureMs({ failures: 9, refusals: 6 }, 0), 300_000);
  t.is(waitAfterFailureMs({ failures: 9, refusals: 7 }, 0.5), 3_600_000);
});

test("all services are walked at the first and every 20th cycle", (t) => {
  t.deepEqual(Array.from({ length: 61 }, (_, cycle) => cycle).filter(isFullCycle), [0, 20, 40, 60]);
});
