import { fact } from "../../base/messages/facts.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import { type CheckSubject, factsOf, failed, ok, skipped } from "../outcome.ts";
import type { ServiceProbe } from "./service.ts";

export const tlsCheck: CheckSubject = { id: "tls", check: "tls", subject: "TLS with the platform" };

/**
 * TLS as the ways to the services showed it: whom they met, and whether somebody reads along.
 *
 * @param small the way once more with the shortest question, where all others found silence
 */
export function judgeTls(
  probes: readonly ServiceProbe[],
  small: ServiceProbe | null = null,
): CheckResult {
  const reached = probes.filter((probe) => probe.stages.some(({ stage }) => stage === "tls"));
  if (reached.length === 0) return skipped(tlsCheck, fact("no-way-yet"));
  const faults = reached.map(faultOfTls);
  const durationMs = Math.max(
    0,
    ...reached.map(
      (probe) => probe.stages.findLast(({ stage }) => stage === "tls")?.durationMs ?? 0,
    ),
  );
  const [first] = faults;
  if (small && isAnswered(small))
    return failed(tlsCheck, "path-mtu", fact("tls-only-small"), durationMs);
  if (first && faults.every((fault) => fault !== null))
    return failed(tlsCheck, first.code, factsOf(first), durationMs);
  const intercepted = reached.find(({ tls }) => tls?.intercepted)?.tls;
  if (intercepted)
    return failed(
      tlsCheck,
      "tls-intercepted",
      fact("tls-read-along", { issuer: intercepted.issuer }),
      durationMs,
      "warning",
    );
  const met = reached.find(({ tls }) => tls !== null)?.tls;
  if (!met) return ok(tlsCheck, fact("proxy-answers"), durationMs);
  return ok(
    tlsCheck,
    fact(met.issuerTrusted ? "tls-met" : "tls-met-proven", {
      protocol: met.protocol,
      issuer: met.issuer,
    }),
    durationMs,
  );
}

/** By an alert, or by all of a handshake where the server does not mind what is asked. */
function isAnswered(small: ServiceProbe): boolean {
  const fault = faultOfTls(small);
  return fault === null
    ? small.tls !== null
    : fault.code === "tls-failed" && /ALERT/.test(fault.detail ?? "");
}

/** Silence in the handshake may be a firewall's, or that of packets that were too large. */
export function isSilent(probes: readonly ServiceProbe[]): boolean {
  return probes.length > 0 && probes.every((probe) => faultOfTls(probe)?.code === "tls-silent");
}

/** The error of a way that ended in TLS. */
export function faultOfTls(probe: ServiceProbe) {
  const last = probe.stages.at(-1);
  return last?.stage === "tls" && last.outcome === "failed" ? probe.error : null;
}
