import test from "ava";
import {
  afterCutDelayMs,
  firstContactDelayMs,
  jitteredIntervalMs,
  waitAfterFailureMs,
} from "../../src/agent/schedule/schedule.ts";
import { seededFraction } from "../testkit/seeded.ts";

const fleet = 10_000;
const intervalMs = 180_000;
/** 10,000 appliances at 180 s: the platform's usual load. */
const usualPerSecond = fleet / (intervalMs / 1000);
const minuteMs = 60_000;

interface Arrivals {
  /** Requests by second since the platform is back. */
  perSecond: number[];
  /** How long after the platform was back each appliance got through. */
  backMs: number[];
}

/**
 * A fleet in its steady state, a platform that is away for `outageMs`, and the requests after that.
 * Each appliance has its heartbeat and a held request for jobs; both use the agent's own functions.
 */
function simulate(outageMs: number, seed: number, kind: "refused" | "busy" = "refused"): Arrivals {
  const fraction = seededFraction(seed);
  const perSecond: number[] = [];
  const backMs: number[] = [];
  const arrive = (atMs: number) => {
    const second = Math.floor((atMs - outageMs) / 1000);
    perSecond[second] = (perSecond[second] ?? 0) + 1;
  };
  const retryAfterMs = kind === "busy" ? 120_000 : undefined;
  for (let appliance = 0; appliance < fleet; appliance++) {
    // Somewhere in its interval when the platform goes away.
    let atMs = jitteredIntervalMs(intervalMs, fraction()) * fraction();
    for (let failures = 1; atMs < outageMs; failures++)
      atMs += waitAfterFailureMs({ failures, retryAfterMs, refusals: 0 }, fraction());
    backMs.push(atMs - outageMs);
    // Once the platform is back, half an hour of regular operation.
    const firstMs = atMs;
    for (; atMs < outageMs + 30 * minuteMs; atMs += jitteredIntervalMs(intervalMs, fraction()))
      arrive(atMs);
    // The held request was cut as the platform went away. One try after it; then the heartbeat goes
    // first.
    const tryMs = afterCutDelayMs(fraction());
    arrive(Math.max(firstMs, tryMs < outageMs ? firstMs : tryMs));
  }
  return { perSecond: Array.from(perSecond, (count) => count ?? 0), backMs };
}

const most = (numbers: readonly number[]) => numbers.reduce((a, b) => Math.max(a, b), 0);

test("after an hour without a platform 10,000 appliances are back within ten minutes, with at most twice the usual calls a second", (t) => {
  for (const seed of [1, 2, 3]) {
    const { perSecond, backMs } = simulate(60 * minuteMs, seed);
    t.true(most(backMs) <= 10 * minuteMs, `the last is back after ${most(backMs)} ms`);
    t.true(
      most(perSecond) <= 2 * usualPerSecond,
      `${most(perSecond)} in one second, usual are ${usualPerSecond.toFixed(0)}`,
    );
    // Spread, not waiting: half of them are back in the first half of the time.
    t.true(backMs.filter((ms) => ms < 5 * minuteMs).length > 0.5 * fleet);
    t.log(
      `seed ${seed}: at most ${most(perSecond)} requests in a second, the last back after ${Math.round(most(backMs) / 1000)} s`,
    );
  }
});

test("a platform that restarts within seconds is not called by all appliances at once", (t) => {
  for (const outageMs of [2000, 10_000, minuteMs, 5 * minuteMs]) {
    const { perSecond, backMs } = simulate(outageMs, 4);
    t.true(
      most(perSecond) <= 6 * usualPerSecond,
      `${outageMs} ms away: ${most(perSecond)} in one second`,
    );
    t.true(
      most(backMs) <= Math.max(1.1 * intervalMs, 2 * outageMs + 30_000),
      `${outageMs} ms away: ${most(backMs)}`,
    );
    t.log(
      `${outageMs / 1000} s away: at most ${most(perSecond)} requests in a second, the last back after ${Math.round(most(backMs) / 1000)} s`,
    );
  }
});

test("a platform that delays all appliances by Retry-After is not called by all of them at its end", (t) => {
  const { perSecond, backMs } = simulate(60 * minuteMs, 5, "busy");
  t.true(most(perSecond) <= 2.5 * usualPerSecond, `${most(perSecond)} in one second`);
  t.true(most(backMs) <= 10 * minuteMs);
});

test("after a power cut a site's appliances call spread over one interval", (t) => {
  const fraction = seededFraction(6);
  const perSecond: number[] = Array.from({ length: 180 }, () => 0);
  for (let appliance = 0; appliance < fleet; appliance++) {
    const second = Math.floor(
      firstContactDelayMs({ intervalMs, uptimeMs: 0, justEnrolled: false }, fraction()) / 1000,
    );
    perSecond[second] = (perSecond[second] ?? 0) + 1;
  }
  t.true(most(perSecond) <= 2 * usualPerSecond, `${most(perSecond)} in one second`);
});

test("appliances that once called together do not stay together", (t) => {
  const fraction = seededFraction(7);
  let calls: number[] = Array.from({ length: fleet }, () => 0);
  const spreads: number[] = [];
  for (let cycle = 0; cycle < 100; cycle++) {
    calls = calls.map((atMs) => atMs + jitteredIntervalMs(intervalMs, fraction()));
    const perSecond = new Map<number, number>();
    for (const atMs of calls)
      perSecond.set(Math.floor(atMs / 1000), (perSecond.get(Math.floor(atMs / 1000)) ?? 0) + 1);
    spreads.push(most([...perSecond.values()]));
  }
  t.true((spreads[99] ?? fleet) < (spreads[0] ?? 0) / 3);
});
