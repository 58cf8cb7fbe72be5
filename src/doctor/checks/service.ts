import { type Fact, fact } from "../../base/messages/facts.ts";
import type { StageResult } from "../../transport/stages/stages.ts";
import type { Check } from "../check/check.ts";
import { type Finding, failedBy, ok, skipped } from "../check/findings.ts";
import { withFirewallRule } from "../check/firewall-rule.ts";
import { withRefuser } from "../check/refuser.ts";
import type { Subject } from "../check/subject.ts";
import type { ServiceProbe } from "../path/service-probe.ts";
import { placeOfUrl, type ServiceTarget, serviceId } from "../path/service-targets.ts";
import { dns } from "./dns.ts";
import { gateway } from "./gateway.ts";
import { isAboutDestination, proxy } from "./proxy.ts";
import { resolver } from "./resolver.ts";
import { tls } from "./tls.ts";

/** Whether each service answers, and whether results of a part's size get through. */
export const service: Check = {
  id: "service",
  needs: [gateway, dns, resolver, proxy, tls],
  role: "management",
  subjects: ({ targets }) =>
    targets.length === 0
      ? [{ id: serviceId("platform"), subject: "platform" }]
      : targets.map(serviceSubject),
  async run(subject, path) {
    if (subject.target === undefined) return [skipped(subject, fact("no-platform-set"))];
    const probe = await path.probeOf(subject.target);
    // It was left out because the proxy refused the log-in.
    if (probe === null) return [skipped(subject, fact("after-proxy"))];
    const found = judge(subject, probe);
    if (probe.route?.proxy || isAboutDestination(probe)) return [found];
    const refused = await withRefuser(found, path, probe);
    return [withFirewallRule(refused, path, placeOfUrl(subject.target.url), probe)];
  },
};

function serviceSubject(target: ServiceTarget): Subject {
  const { name, url } = target;
  const what = name === "platform" ? name : `${name} service`;
  return { id: serviceId(name), subject: `${what}, ${url.host}`, target };
}

function judge(subject: Subject, probe: ServiceProbe): Finding {
  const { stages, error, status, upload, durationMs } = probe;
  const failure = error ?? upload?.error ?? null;
  if (failure !== null) return failedBy(subject, failure, durationMs);
  const past = stages.flatMap(({ facts }) => facts).filter(({ code }) => code === "connected-past");
  const facts = [...stages.map(timeOf), fact("service-answered", { status: status ?? 0 }), ...past];
  if (upload !== null) facts.push(fact("upload-answered", { megabytes: upload.megabytes }));
  return ok(subject, facts, durationMs);
}

function timeOf({ stage, durationMs }: StageResult): Fact {
  return fact(`took-${stage}`, { milliseconds: Math.round(durationMs) });
}
