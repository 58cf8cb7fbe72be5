import { fact } from "../../base/messages/facts.ts";
import type { Check } from "../check/check.ts";
import {
  type Finding,
  factsOf,
  failed,
  ok,
  skipped,
  warning,
  withAuthorities,
} from "../check/findings.ts";
import { withFirewallRule } from "../check/firewall-rule.ts";
import { judgeProbes } from "../check/probe-judge.ts";
import type { Subject } from "../check/subject.ts";
import { findLargeHelloFault, isAnswered, type LargeHelloFault } from "../path/large-hello.ts";
import type { Path } from "../path/path.ts";
import { probeService, type ServiceProbe, tlsErrorOf } from "../path/service-probe.ts";
import { placeOfUrl } from "../path/service-targets.ts";
import { dns } from "./dns.ts";
import { gateway } from "./gateway.ts";
import { resolver } from "./resolver.ts";

/** TLS with the services: which issuer they show, and whether a proxy intercepts it. */
export const tls: Check = {
  id: "tls",
  needs: [gateway, dns, resolver],
  role: "management",
  subjects: () => [{ id: "tls", subject: "TLS with the platform" }],
  run: judgeProbes(async (subject, probes, path) => {
    const found = judgeTls(
      subject,
      probes,
      await probeSmall(probes, path),
      await findLargeHelloFault(probes, path, "platform"),
    );
    const [first] = probes;
    const isDirect = path.surroundings.configuration.proxy.kind === "none";
    return [
      isDirect && first
        ? withFirewallRule(found, path, placeOfUrl(first.target.url), first)
        : found,
    ];
  }),
  async isNeededFor({ target }, path) {
    if (target === undefined) return true;
    const probe = await path.probeOf(target);
    return probe !== null && tlsErrorOf(probe) !== null;
  },
  because: () => fact("after-tls"),
};

/**
 * One more probe with the shortest ClientHello where all others found silence: it may be a
 * firewall's, or packets of full size may get lost on the path (path MTU).
 */
async function probeSmall(
  probes: readonly ServiceProbe[],
  { surroundings, signal }: Path,
): Promise<ServiceProbe | null> {
  const [first] = probes;
  if (!first || probes.some((probe) => tlsErrorOf(probe)?.code !== "tls-silent")) return null;
  return probeService(first.target, surroundings, signal, "small");
}

function judgeTls(
  subject: Subject,
  probes: readonly ServiceProbe[],
  small: ServiceProbe | null,
  largeHelloFault: LargeHelloFault | null,
): Finding {
  const reached = probes.filter((probe) => probe.stages.some(({ stage }) => stage === "tls"));
  if (reached.length === 0) return skipped(subject, fact("no-way-yet"));
  const errors = reached.map(tlsErrorOf);
  const durationMs = Math.max(
    0,
    ...reached.map(
      (probe) => probe.stages.findLast(({ stage }) => stage === "tls")?.durationMs ?? 0,
    ),
  );
  const [first] = errors;
  if (small && isAnswered(small, "platform"))
    return failed(subject, "path-mtu", fact("tls-only-small"), durationMs);
  if (first && errors.every((error) => error !== null))
    return withAuthorities(failed(subject, first.code, factsOf(first), durationMs), first);
  if (largeHelloFault) {
    const shown = fact(largeHelloFault === "path-mtu" ? "tls-only-cut" : "tls-only-classical");
    return warning(subject, largeHelloFault, shown, durationMs);
  }
  const intercepted = reached.find((probe) => probe.tls?.intercepted)?.tls;
  if (intercepted) {
    const { issuer } = intercepted;
    return warning(subject, "tls-intercepted", fact("tls-read-along", { issuer }), durationMs);
  }
  const met = reached.find((probe) => probe.tls !== null)?.tls;
  if (!met) return ok(subject, fact("proxy-answers"), durationMs);
  const { protocol, issuer } = met;
  const code = met.issuerTrusted ? "tls-met" : "tls-met-proven";
  return ok(subject, fact(code, { protocol, issuer }), durationMs);
}
