/** When to call next. All functions are pure: `fraction` is a random number in [0, 1). */

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

/** The interval, 10 % more or less, so that appliances that called together drift apart. */
export function jitteredIntervalMs(intervalMs: number, fraction: number): number {
  return Math.round(boundedIntervalMs(intervalMs) * (0.9 + 0.2 * fraction));
}

/**
 * The delay of the first call. After a start of the machine it is anywhere in one interval, because
 * a whole site may have started after a power cut. An agent that was only restarted, or was just
 * enrolled, calls at once.
 */
export function firstContactDelayMs(
  start: { intervalMs: number; uptimeMs: number; justEnrolled: boolean },
  fraction: number,
): number {
  if (start.justEnrolled) return 0;
  const windowMs = Math.min(boundedIntervalMs(start.intervalMs), longestSpreadMs);
  return Math.round(Math.max(0, windowMs - start.uptimeMs) * fraction);
}

/** Equal jitter: half of a doubling wait is fixed, half is random. `failures` counts from 1. */
export function backOffMs(failures: number, fraction: number): number {
  const ceilingMs = Math.min(
    longestBackOffMs,
    2 * shortestBackOffMs * 2 ** Math.min(failures - 1, 20),
  );
  return Math.round(ceilingMs / 2 + (ceilingMs / 2) * fraction);
}

/**
 * The wait after a failure: never shorter than the platform asked for, and one hour once the
 * platform has refused this identity many times.
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
  // Up to a tenth more, so that appliances that were delayed together do not return together.
  return Math.max(waitMs, Math.round(failure.retryAfterMs * (1 + 0.1 * fraction)));
}

/**
 * The delay after a clock jump or a pause: short, but random, because a hypervisor resumes many
 * machines at once.
 */
export function afterJumpDelayMs(intervalMs: number, fraction: number): number {
  return Math.round(Math.min(boundedIntervalMs(intervalMs), longestJumpSpreadMs) * fraction);
}

/**
 * The delay after a long poll was cut: a platform that restarts cuts those of all its appliances at
 * once. Heartbeats report new jobs meanwhile.
 */
export function afterCutDelayMs(fraction: number): number {
  return Math.round(longestCutSpreadMs * fraction);
}

/** Whether all services are called: in the first cycle and every 20th after it. */
export function isFullCycle(cycle: number): boolean {
  return cycle % 20 === 0;
}
