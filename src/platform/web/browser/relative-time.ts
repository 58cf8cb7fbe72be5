/**
 * How long ago something was, in words. The platform uses it for the page that it sends, the
 * browser as time goes by.
 */
export function relativeTime(thenMs: number, nowMs: number): string {
  const seconds = Math.round((nowMs - thenMs) / 1000);
  if (seconds < 0) return seconds > -5 ? "just now" : `in ${amount(-seconds)}`;
  return seconds < 5 ? "just now" : `${amount(seconds)} ago`;
}

const units = [
  { name: "day", seconds: 86_400, from: 2 * 86_400 },
  { name: "hour", seconds: 3600, from: 2 * 3600 },
  { name: "minute", seconds: 60, from: 120 },
  { name: "second", seconds: 1, from: 0 },
] as const;

/** A duration in words, in the largest unit that gives a number of at least two. */
export function amount(seconds: number): string {
  for (const unit of units) {
    if (seconds < unit.from) continue;
    const count = Math.floor(seconds / unit.seconds);
    return `${count} ${unit.name}${count === 1 ? "" : "s"}`;
  }
  return "0 seconds";
}
