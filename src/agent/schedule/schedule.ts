/** When to call next. All pure: `fraction` is a random number in [0, 1). */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const shortestIntervalMs = 30_000;
const longestIntervalMs = 24 * hourMs;
/** The first contacts of many appliances after a power cut are spread over at most this. */
const longestSpreadMs = 10 * minuteMs;
const longestJumpSpreadMs = 30_000;
const longestCutSpreadMs = minuteMs;
const shortestBackOffMs = 15_000;
const longestBackOffMs = 10 * minuteMs;

export function boundedIntervalMs(intervalMs: number): number {
  return Math.min(longestIntervalMs, Math.max(shortestIntervalMs, intervalMs));
}

/** The interval, 10 % more or less, so that appliances which once called together drift apart. */
export function jitteredIntervalMs(intervalMs: number, fraction: number): number {
  return Math.round(boundedIntervalMs(intervalMs) * (0.9 + 0.2 * fraction));
}

/**
 * When the first call is due. Right after a start of the machine it is anywhere in one interval,
 * since a whole site may have got its power back at once; an agent that was only restarted, or was
 * just enrolled, calls at once.
 */
export function firstContactDelayMs(
  start: { intervalMs: number; uptimeMs: number; justEnrolled: boolean },
  fraction: number,
): number {
  if (start.justEnrolled) return 0;
  const windowMs = Math.min(boundedIntervalMs(start.intervalMs), longestSpreadMs);
  return Math.round(Math.max(0, windowMs - start.uptimeMs) * fraction);
}

/** Equal jitter: half of a doubling wait is fixed, half is chance. `failures` counts from 1. */
export function backOffMs(failures: number, fraction: number): number {
  const ceilingMs = Math.min(
    longestBackOffMs,
    2 * shortestBackOffMs * 2 ** Math.min(failures - 1, 20),
  );
  return Math.round(ceilingMs / 2 + (ceilingMs / 2) * fraction);
}

/**
 * The wait after a failure: never shorter than the platform asked for, and hourly once it has
 * refused this identity many times.
 */
export function waitAfterFailureMs(
  failure: { failures: number; retryAfterMs?: number | undefined; refusals: number },
  fraction: number,
): number {
  const waitMs =
    failure.refusals > 6
      ? Math.round(hourMs * (0.9 + 0.2 * fraction))
      : backOffMs(failure.failures, fraction);
  if (failure.retryAfterMs === undefined) return waitMs;
  // A tenth more by chance, so that those who were sent away together do not come back together.
  return Math.max(waitMs, Math.round(failure.retryAfterMs * (1 + 0.1 * fraction)));
}

/**
 * After a clock jump or a standstill: soon, but not all of a host's machines at once that were
 * resumed together.
 */
export function afterJumpDelayMs(intervalMs: number, fraction: number): number {
  return Math.round(Math.min(boundedIntervalMs(intervalMs), longestJumpSpreadMs) * fraction);
}

/**
 * After a held request was cut: a platform that is restarted cuts those of all its appliances at
 * one moment. Heartbeats bring the news of jobs meanwhile.
 */
export function afterCutDelayMs(fraction: number): number {
  return Math.round(longestCutSpreadMs * fraction);
}

/** All services are called at the first cycle and every 20th after it. */
export function isFullCycle(cycle: number): boolean {
  return cycle % 20 === 0;
}
