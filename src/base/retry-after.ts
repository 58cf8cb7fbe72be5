const longestRetryAfterMs = 3_600_000;

/**
 * The wait that a Retry-After field asks for, in milliseconds from `nowMs`: either form of RFC 9110
 * section 10.2.3 (delay-seconds or HTTP-date), at most an hour. Undefined when the field is absent
 * or cannot be read.
 */
export function parseRetryAfterMs(field: string | undefined, nowMs: number): number | undefined {
  if (field === undefined) return undefined;
  const waitMs = readWaitMs(field.trim(), nowMs);
  return Number.isFinite(waitMs) ? Math.min(longestRetryAfterMs, Math.max(0, waitMs)) : undefined;
}

function readWaitMs(text: string, nowMs: number): number {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse reads more than HTTP-date, as "2026-01-01": the field begins with a day's name.
  if (/^[A-Z][a-z]{2,8},? /.test(text)) return Date.parse(text) - nowMs;
  return Number.NaN;
}
