/**
 * How long the platform may hold a request for jobs, learnt from the path: shorter when a proxy or
 * firewall cuts waiting requests, none when even short ones are cut, and longer again from time to
 * time. All functions are pure.
 */
export interface LongPollLength {
  /** 0 while no long polls are made. */
  seconds: number;
  /** Monotonic moment from which a longer one may be tried; null while none was ever cut. */
  longerAtMs: number | null;
}

/** The longest is below the usual idle limit of proxies, 60 s; the shortest is worth its requests. */
const lengthsSeconds = [50, 40, 30, 20, 15, 10] as const;
const tryLongerAfterMs = 3_600_000;
/** The next length is at most this share of the time after which the path cut. */
const safety = 0.8;

export const longestLongPoll: LongPollLength = { seconds: lengthsSeconds[0], longerAtMs: null };

/**
 * The length after a long poll that the path cut. A poll cut before its time shows after how long
 * the path cuts; one that only got no reply shows that it was too long.
 */
export function afterCut(
  { seconds }: LongPollLength,
  elapsedMs: number,
  nowMs: number,
): LongPollLength {
  const elapsedSeconds = elapsedMs / 1000;
  const most = elapsedSeconds < seconds ? elapsedSeconds * safety : seconds / 2;
  return {
    seconds: lengthsSeconds.find((each) => each <= most && each < seconds) ?? 0,
    longerAtMs: nowMs + tryLongerAfterMs,
  };
}

/** The length after a long poll that was held for its whole time, or while none are made. */
export function afterHeld(length: LongPollLength, nowMs: number): LongPollLength {
  const { seconds, longerAtMs } = length;
  if (longerAtMs === null || nowMs < longerAtMs || seconds === longestLongPoll.seconds)
    return length;
  const longer =
    [...lengthsSeconds].reverse().find((each) => each > seconds) ?? longestLongPoll.seconds;
  return { seconds: longer, longerAtMs: nowMs + tryLongerAfterMs };
}
