import { fact } from "../../base/messages/facts.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import { type CheckSubject, factsOf, failed, ok, skipped } from "../outcome.ts";
import type { ServiceProbe } from "./service.ts";

const clockCheck: CheckSubject = { id: "clock", check: "clock", subject: "clock" };
/**
 * Beyond this the platform would refuse what is signed by this clock, if the agent did not learn
 * the platform's.
 */
const toleratedMs = 300_000;

/** This clock against the services': the Date of their answers, as exact as a second. */
export function judgeClock(probes: readonly ServiceProbe[]): CheckResult {
  const refused = probes.find(({ error }) => error?.code === "tls-clock")?.error;
  if (refused) return failed(clockCheck, "clock-wrong", factsOf(refused));
  const offsets = probes
    .map(({ clockOffsetMs }) => clockOffsetMs)
    .filter((offset) => offset !== null);
  const least = offsets.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0];
  if (least === undefined) return skipped(clockCheck, fact("no-time-told"));
  const seconds = Math.round(Math.abs(least) / 1000);
  const told =
    seconds <= 2
      ? fact("clock-right")
      : fact(least > 0 ? "clock-behind" : "clock-ahead", { seconds });
  return Math.abs(least) > toleratedMs
    ? failed(clockCheck, "clock-wrong", told, 0, "warning")
    : ok(clockCheck, told);
}
