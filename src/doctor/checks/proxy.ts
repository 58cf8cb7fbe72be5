import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import type { ProxySettings } from "../../settings/model/schema.ts";
import { namedProxy, proxyPlace } from "../../settings/values/proxy-address.ts";
import type { PathStage, StageResult } from "../../transport/stages/stages.ts";
import type { Check } from "../check/check.ts";
import { type Finding, failed, ok, skipped, warning, withAuthorities } from "../check/findings.ts";
import { withFirewallRule } from "../check/firewall-rule.ts";
import { judgeProbes } from "../check/probe-judge.ts";
import { withRefuser } from "../check/refuser.ts";
import type { Subject } from "../check/subject.ts";
import { findLargeHelloFault, type LargeHelloFault } from "../path/large-hello.ts";
import { proxyErrorOf, type ServiceProbe } from "../path/service-probe.ts";
import { placeOfUrl } from "../path/service-targets.ts";
import { dns } from "./dns.ts";
import { gateway } from "./gateway.ts";
import { resolver } from "./resolver.ts";

/** Getting through the proxy, step by step; the first step at which every way ends is the fault. */
export const proxy: Check = {
  id: "proxy",
  needs: [gateway, dns, resolver],
  role: "management",
  subjects: () => [{ id: "proxy", subject: "proxy" }],
  run: judgeProbes(async (subject, probes, path) => {
    const settings = path.surroundings.configuration.proxy;
    const largeHellos = {
      "proxy-tls": await findLargeHelloFault(probes, path, "proxy"),
      pac: await findLargeHelloFault(probes, path, "pac"),
    };
    return Promise.all(
      judgeProxy(subject, settings, probes, largeHellos).map(async (found) =>
        withFirewallRule(
          await withRefuser(found, path, probes[0]),
          path,
          placeOf(found, settings),
          probes[0],
        ),
      ),
    );
  }),
  async isNeededFor({ target }, path) {
    if (target === undefined) return true;
    const probe = await path.probeOf(target);
    return probe === null || proxyErrorOf(probe) !== null;
  },
  because: () => fact("after-proxy"),
};

/** Errors by which the proxy refuses one destination: it works for others. */
const destinationErrors: readonly ErrorCode[] = [
  "proxy-denied",
  "proxy-target-unreachable",
  "proxy-target-unknown",
];
const loginErrors: readonly ErrorCode[] = [
  "proxy-authentication-required",
  "proxy-authentication-failed",
  "proxy-account-locked",
  "proxy-password-expired",
  "proxy-scheme-unsupported",
  "proxy-challenge-unsupported",
  "proxy-credentials-unusable",
  "proxy-password-damaged",
  "proxy-helper-failed",
];

/** Whether the proxy works and refuses this destination. */
export function isAboutDestination({ error }: ServiceProbe): boolean {
  return error !== null && destinationErrors.includes(error.code);
}

/** A step of getting through a proxy, judged by the probes' stages. */
interface Step {
  subject: Subject;
  stages: readonly PathStage[];
  /** Where one stage holds several steps: whether an error of it belongs to this one. */
  isOwn(code: ErrorCode): boolean;
}

function judgeProxy(
  subject: Subject,
  settings: ProxySettings,
  probes: readonly ServiceProbe[],
  largeHellos: LargeHellos,
): Finding[] {
  if (settings.kind === "none") return [skipped(subject, fact("proxy-none"))];
  const tried = probes.filter(
    (probe) =>
      probe.stages.length > 0 &&
      (probe.route === null || probe.route.proxy !== null || probe.route.fallback),
  );
  const asked = probes.flatMap((probe) => probe.stages.filter(({ stage }) => stage === "pac"));
  if (tried.length === 0 && asked.length === 0) return [skipped(subject, fact("proxy-not-used"))];
  const findings: Finding[] = [];
  for (const step of stepsOf(settings)) {
    if (findings.some(isEnd)) findings.push(skipped(step.subject, fact("after-step")));
    else {
      const judged = judgeStep(step, settings, step.stages[0] === "pac" ? probes : tried);
      findings.push(withLargeHello(judged, step, largeHellos));
    }
  }
  return findings;
}

/** Why only a short ClientHello was answered in a stage that was passed with it. */
type LargeHellos = Partial<Record<PathStage, LargeHelloFault | null>>;

function withLargeHello(found: Finding, { stages }: Step, largeHellos: LargeHellos): Finding {
  const fault = stages.map((stage) => largeHellos[stage]).find(Boolean);
  if (found.outcome !== "ok" || !fault) return found;
  const shown = fact(fault === "path-mtu" ? "tls-only-cut" : "tls-only-classical");
  return warning(found, fault, shown, found.durationMs);
}

/** Whether the way goes no further. */
function isEnd({ outcome, code }: Finding): boolean {
  if (outcome === "warning") return code !== "tls-hello-large" && code !== "path-mtu";
  return outcome === "failed";
}

function judgeStep(
  { subject, stages, isOwn }: Step,
  settings: ProxySettings,
  probes: readonly ServiceProbe[],
): Finding {
  if (probes.length === 0) return skipped(subject, fact("proxy-not-used"));
  const ways = probes.map((probe) =>
    decidingStages(probe).filter(({ stage }) => stages.includes(stage)),
  );
  const durationMs = Math.max(0, ...ways.map(totalMs));
  const faults = ways.map((way) =>
    way.find(({ outcome, code }) => outcome === "failed" && code !== null && isOwn(code)),
  );
  const [first] = faults;
  if (first?.code && faults.every((fault) => fault !== undefined)) {
    const facts = [...first.facts];
    const names = new Set(facts.map(({ code }) => code));
    if (loginErrors.includes(first.code) && "authentication" in settings)
      if (!names.has("scheme-set"))
        facts.push(fact("scheme-set", { scheme: settings.authentication }));
    facts.push(...hintsAt(first.code, settings));
    if (!probes.every(({ route }) => route?.fallback === true)) {
      const error = probes.find((probe) => probe.error?.code === first.code)?.error;
      return withAuthorities(failed(subject, first.code, facts, durationMs), error);
    }
    return warning(subject, first.code, [...facts, fact("direct-meanwhile")], durationMs);
  }
  const passed = ways.flatMap((way) => way.filter(({ outcome }) => outcome === "ok")).at(-1);
  const isSome = faults.some((fault) => fault !== undefined);
  return ok(
    subject,
    passed?.facts ?? fact(isSome ? "proxy-answers-some" : "proxy-answers"),
    durationMs,
  );
}

/** What may be wrong with a user name that the proxy refused. */
function hintsAt(code: ErrorCode, settings: ProxySettings): Fact[] {
  if (code !== "proxy-authentication-failed" || !("user" in settings)) return [];
  const [, domain, name] = /^([^\\@/]+)\/([^\\@/]+)$/.exec(settings.user) ?? [];
  if (domain === undefined || name === undefined) return [];
  return [fact("user-slash", { user: settings.user, domain, name })];
}

/**
 * The stages of the way that counts. Those of proxies that failed come first, those of what was
 * done instead after them: another proxy of the PAC file counts like the first, going directly does
 * not.
 */
function decidingStages({ stages, route }: ServiceProbe): readonly StageResult[] {
  const asked = stages.filter(({ stage }) => stage === "pac");
  const lastFailure = stages.findLastIndex(({ outcome }) => outcome === "failed");
  if (route !== null && !route.fallback)
    return [...asked, ...stages.slice(lastFailure + 1).filter(({ stage }) => stage !== "pac")];
  const end = stages.findIndex(({ outcome }) => outcome === "failed");
  return end < 0 ? stages : stages.slice(0, end + 1);
}

function stepsOf(settings: Exclude<ProxySettings, { kind: "none" }>): Step[] {
  const place = proxyPlace(settings) ?? "";
  const step = (
    id: string,
    subject: string,
    stages: readonly PathStage[],
    isOwn: Step["isOwn"] = () => true,
  ): Step => ({ subject: { id, subject }, stages, isOwn });
  const isLogin = (code: ErrorCode) => loginErrors.includes(code);
  const login = step("proxy:login", "log-in at the proxy", ["proxy"], isLogin);
  const tls = step("proxy:tls", "TLS with the proxy", ["proxy-tls"]);
  const connect = (subject: string) =>
    step("proxy:connect", subject, ["proxy"], (code) => !isLogin(code));
  const reach = (subject: string) => step("proxy", subject, ["resolve", "connect"]);
  switch (settings.kind) {
    case "pac":
      return [
        step("proxy:pac", `PAC file ${place}`.slice(0, 200), ["pac"]),
        reach("proxy of the PAC file"),
        tls,
        login,
        connect("tunnel (CONNECT)"),
      ];
    case "socks5":
      return [reach(`SOCKS5 proxy ${place}`), login, connect("SOCKS5 connection")];
    default:
      return [
        reach(`proxy ${place}`),
        ...(settings.tls ? [tls] : []),
        login,
        connect("tunnel (CONNECT)"),
      ];
  }
}

/** Where the step's connection goes. */
function placeOf({ id }: Finding, settings: ProxySettings): { host: string; port: number } | null {
  if (id !== "proxy:pac") return namedProxy(settings);
  return settings.kind === "pac" && URL.canParse(settings.url)
    ? placeOfUrl(new URL(settings.url))
    : null;
}

function totalMs(stages: readonly StageResult[]): number {
  return stages.reduce((total, { durationMs }) => total + durationMs, 0);
}
