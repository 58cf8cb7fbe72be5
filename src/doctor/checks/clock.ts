import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import { factsOf, failed, ok, skipped, warning } from "../check/findings.ts";
import { judgeProbes } from "../check/probe-judge.ts";
import type { TimeSynchronisation } from "../path/own-machine.ts";
import type { ServiceProbe } from "../path/service-probe.ts";
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
  run: judgeProbes(async (subject, probes, { surroundings }) => {
    const refused = probes.find(({ error }) => error?.code === "tls-clock")?.error;
    if (refused) return [failed(subject, "clock-wrong", factsOf(refused))];
    const least = leastOffsetMs(probes);
    if (least === null) return [skipped(subject, fact("no-time-told"))];
    const synchronised = await surroundings.machine.timeSynchronisation();
    const found = [offsetFact(least), ...synchronisationFacts[synchronised]];
    return [
      Math.abs(least) > toleratedMs ? warning(subject, "clock-wrong", found) : ok(subject, found),
    ];
  }),
};

/** That no time server answers is no fault while the clock is right: a hypervisor may set it. */
const synchronisationFacts: Readonly<Record<TimeSynchronisation, readonly Fact[]>> = {
  synchronised: [fact("clock-synchronised")],
  waiting: [fact("clock-waits")],
  absent: [],
};

/** The services' clock less this one's, by the answer that differs least; null where none told it. */
export function leastOffsetMs(probes: readonly ServiceProbe[]): number | null {
  const offsets = probes.flatMap(({ clockOffsetMs }) => clockOffsetMs ?? []);
  return offsets.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0] ?? null;
}

function offsetFact(offsetMs: number) {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  if (seconds <= exactSeconds) return fact("clock-right");
  return fact(offsetMs > 0 ? "clock-behind" : "clock-ahead", { seconds });
}
