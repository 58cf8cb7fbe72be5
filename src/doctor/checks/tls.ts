import { failed, ok, type Rung, skipped } from "../outcome.ts";
import type { RungResult } from "../result.ts";
import type { ServiceProbe } from "./service.ts";

export const tlsRung: Rung = { id: "tls", rung: "tls", subject: "TLS with the platform" };

/** TLS as the ways to the services showed it: whom they met, and whether somebody reads along. */
/** @param small the way once more with the shortest question, where all others found silence */
export function judgeTls(probes: readonly ServiceProbe[], small: ServiceProbe | null = null): RungResult {
  const reached = probes.filter((probe) => probe.stages.some(({ stage }) => stage === "tls"));
  if (reached.length === 0) return skipped(tlsRung, "no way leads so far");
  const faults = reached.map(faultOfTls);
  const durationMs = Math.max(0, ...reached.map((probe) => probe.stages.findLast(({ stage }) => stage === "tls")?.durationMs ?? 0));
  const [first] = faults;
  if (small && isAnswered(small)) return failed(tlsRung, "path-mtu", "what is small is asked and answered, a whole TLS handshake is not", durationMs);
  if (first && faults.every((fault) => fault !== null)) return failed(tlsRung, first.code, first.detail ?? first.message, durationMs);
  const intercepted = reached.find(({ tls }) => tls?.intercepted)?.tls;
  if (intercepted) {
    const words = `the issuer is ${intercepted.issuer} instead of the platform's; it was added as trusted, so that this is let through and nothing can be altered`;
    return failed(tlsRung, "tls-intercepted", words, durationMs, "warning");
  }
  const met = reached.find(({ tls }) => tls !== null)?.tls;
  return ok(tlsRung, met ? `${met.protocol}, issuer ${met.issuer}${met.issuerTrusted ? "" : ", which the activation code proves"}` : "it answers", durationMs);
}

/** By an alert, or by all of a handshake where the server does not mind what is asked. */
function isAnswered(small: ServiceProbe): boolean {
  const fault = faultOfTls(small);
  return fault === null ? small.tls !== null : fault.code === "tls-failed" && /ALERT/.test(fault.detail ?? "");
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
