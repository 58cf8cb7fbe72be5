import { fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { factsOf, failed, ok, skipped, warning } from "../check/findings.ts";
import { judgeProbes } from "../check/probe-judge.ts";
import { dns } from "./dns.ts";
import { gateway } from "./gateway.ts";
import { resolver } from "./resolver.ts";

/**
 * Beyond this the platform would refuse what is signed by this clock, if the agent did not learn
 * the platform's.
 */
const toleratedMs = 300_000;
/** The Date field counts whole seconds. */
const exactSeconds = 2;

/** Compares this clock with the services', by the Date fields of their answers. */
export const clock: Check = {
  id: "clock",
  needs: [gateway, dns, resolver],
  role: "management",
  subjects: () => [{ id: "clock", subject: "clock" }],
  run: judgeProbes((subject, probes) => {
    const refused = probes.find(({ error }) => error?.code === "tls-clock")?.error;
    if (refused) return [failed(subject, "clock-wrong", factsOf(refused))];
    const offsets = probes
      .map(({ clockOffsetMs }) => clockOffsetMs)
      .filter((offset) => offset !== null);
    const least = offsets.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0];
    if (least === undefined) return [skipped(subject, fact("no-time-told"))];
    const found = offsetFact(least);
    return [
      Math.abs(least) > toleratedMs ? warning(subject, "clock-wrong", found) : ok(subject, found),
    ];
  }),
};

function offsetFact(offsetMs: number) {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  if (seconds <= exactSeconds) return fact("clock-right");
  return fact(offsetMs > 0 ? "clock-behind" : "clock-ahead", { seconds });
}
