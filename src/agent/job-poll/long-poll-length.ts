/**
 * How long a request for jobs may be held by the platform, learnt from what the path does to it: it
 * gets shorter when something between cuts waiting requests, is given up when even short ones are
 * cut, and is tried longer again now and then. All pure.
 */
export interface LongPollLength {
  /** 0 while no request is held. */
  seconds: number;
  /** Monotonic moment from which on a longer one may be tried; null while nothing was ever cut. */
  longerAtMs: number | null;
}

/**
 * The longest is below the idle limit of usual proxies (60 s); shorter than the last is not worth
 * its requests.
 */
const lengthsSeconds = [50, 40, 30, 20, 15, 10] as const;
const tryLongerAfterMs = 3_600_000;
/** What is cut after so long is not surely let through when it is a little shorter. */
const safety = 0.8;

export const longestLongPoll: LongPollLength = { seconds: lengthsSeconds[0], longerAtMs: null };

/**
 * A held request was cut, and it was no outage. One that was cut before its time says after how
 * long the path cuts; one that never got its answer only says that it was too long.
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

/**
 * A request was held for its whole time and answered, or none is held: is it time to try a longer
 * one?
 */
export function afterHeld(hold: LongPollLength, nowMs: number): LongPollLength {
  if (
    hold.longerAtMs === null ||
    nowMs < hold.longerAtMs ||
    hold.seconds === longestLongPoll.seconds
  )
    return hold;
  const longer =
    [...lengthsSeconds].reverse().find((each) => each > hold.seconds) ?? longestLongPoll.seconds;
  return { seconds: longer, longerAtMs: nowMs + tryLongerAfterMs };
}
