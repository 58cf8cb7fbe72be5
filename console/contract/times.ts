import type { Status } from "../../src/configd/api/status.ts";
import type { Words } from "../words/words.ts";

/**
 * The time left of the trial in ms. The status has it for its own moment, counted by the monotonic
 * clock.
 */
export function trialLeftMs(status: Pick<Status, "now" | "trial">, nowMs: number): number {
  return status.trial === null ? 0 : status.trial.remainingMs - (nowMs - status.now);
}

/** A duration as 2:05 or 1:02:05. */
export function countdown(durationMs: number): string {
  const seconds = Math.max(0, Math.ceil(durationMs / 1000));
  const two = (number: number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

export function inTime(atMs: number, nowMs: number, words: Words): string {
  return atMs <= nowMs
    ? words.say("in.now")
    : words.say("in.time", { time: countdown(atMs - nowMs) });
}

/**
 * A past time as "2 minutes ago", coarser with age. The first minute counts in steps of ten seconds,
 * so that a slow line is not painted every second.
 */
export function ago(atMs: number, nowMs: number, words: Words): string {
  const seconds = Math.max(0, Math.floor((nowMs - atMs) / 1000));
  if (seconds < 10) return words.say("ago.now");
  if (seconds < 60) return words.say("ago.seconds", { count: Math.floor(seconds / 10) * 10 });
  if (seconds < 3600) return words.say("ago.minutes", { count: Math.floor(seconds / 60) });
  if (seconds < 48 * 3600) return words.say("ago.hours", { count: Math.floor(seconds / 3600) });
  return words.say("ago.days", { count: Math.floor(seconds / 86_400) });
}

/** Date and time in UTC, as 2026-11-12 03:14. */
export function clockText(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 16).replace("T", " ");
}

/** A duration as 3 d 4 h, 4 h 5 min or 5 min. */
export function uptime(seconds: number, words: Words): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return words.say("uptime.days", { days, hours: hours % 24 });
  return hours > 0
    ? words.say("uptime.hours", { hours, minutes: minutes % 60 })
    : words.say("uptime.minutes", { minutes });
}
