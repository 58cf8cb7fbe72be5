import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { ProxySettings } from "../../settings/model/schema.ts";
import { proxyPlace } from "../../settings/proxy-address.ts";
import type { PathStage, StageResult } from "../../transport/stages/stages.ts";
import { type CheckSubject, failed, ok, skipped } from "../outcome.ts";
import type { ServiceProbe } from "./service.ts";

/** What the proxy says of a destination and not of itself. */
const aboutTheDestination: readonly ErrorCode[] = ["proxy-denied", "proxy-target-unreachable"];
const aboutTheLogin: readonly ErrorCode[] = [
  "proxy-authentication-required",
  "proxy-authentication-failed",
  "proxy-scheme-unsupported",
  "proxy-challenge-unsupported",
  "proxy-credentials-unusable",
  "proxy-helper-failed",
];

/** A step of getting through a proxy, told from what the ways to the services showed of it. */
interface Step {
  check: CheckSubject;
  stages: readonly PathStage[];
  /** Of a stage that holds several steps, those faults that are this step's. */
  isOwn(code: ErrorCode): boolean;
}

export const proxyCheck = { id: "proxy", check: "proxy", subject: "proxy" } as const;

/** Getting through the proxy step by step; the first one at which every way ends is the fault. */
export function judgeProxy(proxy: ProxySettings, probes: readonly ServiceProbe[]): CheckResult[] {
  if (proxy.kind === "none") return [skipped(proxyCheck, fact("proxy-none"))];
  const tried = probes.filter(
    (probe) =>
      probe.stages.length > 0 &&
      (probe.route === null || probe.route.proxy !== null || probe.route.fallback),
  );
  const asked = probes.flatMap((probe) => probe.stages.filter(({ stage }) => stage === "pac"));
  if (tried.length === 0 && asked.length === 0)
    return [skipped(proxyCheck, fact("proxy-not-used"))];
  const results: CheckResult[] = [];
  for (const step of stepsOf(proxy)) {
    if (results.some(({ outcome }) => outcome === "failed" || outcome === "warning"))
      results.push(skipped(step.check, fact("after-step")));
    else results.push(judgeStep(step, proxy, step.stages[0] === "pac" ? probes : tried));
  }
  return results;
}

function judgeStep(
  { check, stages, isOwn }: Step,
  proxy: ProxySettings,
  probes: readonly ServiceProbe[],
): CheckResult {
  if (probes.length === 0) return skipped(check, fact("proxy-not-used"));
  const durationMs = Math.max(
    0,
    ...probes.map((probe) => sum(firstWay(probe).filter(({ stage }) => stages.includes(stage)))),
  );
  const faults = probes.map((probe) =>
    firstWay(probe).find(
      (each) =>
        each.outcome === "failed" && stages.includes(each.stage) && each.code && isOwn(each.code),
    ),
  );
  const [first] = faults;
  if (first?.code && faults.every((fault) => fault !== undefined)) {
    const around = probes.every(({ route }) => route?.fallback === true);
    const isTold = first.facts.some(({ code }) => code === "scheme-set");
    const configured =
      aboutTheLogin.includes(first.code) && "authentication" in proxy && !isTold
        ? [fact("scheme-set", { scheme: proxy.authentication })]
        : [];
    const told = [...first.facts, ...configured, ...(around ? [fact("direct-meanwhile")] : [])];
    return failed(check, first.code, told, durationMs, around ? "warning" : "failed");
  }
  const passed = probes
    .flatMap((probe) =>
      firstWay(probe).filter((each) => each.outcome === "ok" && stages.includes(each.stage)),
    )
    .at(-1);
  const some = faults.some((fault) => fault !== undefined);
  return ok(
    check,
    passed?.facts ?? fact(some ? "proxy-answers-some" : "proxy-answers"),
    durationMs,
  );
}

/** The fault of a way that did not get past the proxy. */
export function faultOfProxy(probe: ServiceProbe) {
  const last = probe.stages.at(-1);
  const before = last !== undefined && last.outcome === "failed" && last.stage !== "tls";
  return before ? probe.error : null;
}

/**
 * The stages of the way that counts. What failed comes first and what was done instead behind it:
 * another proxy of the PAC file is as good as the first, going directly is not.
 */
function firstWay({ stages, route }: ServiceProbe): readonly StageResult[] {
  const asked = stages.filter(({ stage }) => stage === "pac");
  if (route !== null && !route.fallback)
    return [
      ...asked,
      ...stages
        .slice(stages.findLastIndex(({ outcome }) => outcome === "failed") + 1)
        .filter(({ stage }) => stage !== "pac"),
    ];
  const end = stages.findIndex(({ outcome }) => outcome === "failed");
  return end < 0 ? stages : stages.slice(0, end + 1);
}

function stepsOf(proxy: Exclude<ProxySettings, { kind: "none" }>): Step[] {
  const place = proxyPlace(proxy) ?? "";
  const step = (
    id: string,
    subject: string,
    stages: readonly PathStage[],
    isOwn: Step["isOwn"] = () => true,
  ): Step => ({
    check: { id, check: "proxy", subject },
    stages,
    isOwn,
  });
  const name =
    proxy.kind === "pac"
      ? "proxy of the PAC file"
      : `${proxy.kind === "socks5" ? "SOCKS5 " : ""}proxy ${place}`;
  const connect = (code: ErrorCode) => !aboutTheLogin.includes(code);
  return [
    ...(proxy.kind === "pac"
      ? [step("proxy:pac", `PAC file ${place}`.slice(0, 200), ["pac"])]
      : []),
    step("proxy", name, ["resolve", "connect"]),
    ...(proxy.kind === "pac" || (proxy.kind === "http" && proxy.tls)
      ? [step("proxy:tls", "TLS with the proxy", ["proxy-tls"])]
      : []),
    step("proxy:login", "log-in at the proxy", ["proxy"], (code) => aboutTheLogin.includes(code)),
    step(
      "proxy:connect",
      proxy.kind === "socks5" ? "SOCKS5 connection" : "tunnel (CONNECT)",
      ["proxy"],
      connect,
    ),
  ];
}

/** Whether the proxy's fault is one of this address alone. */
export function isOfTheDestination(probe: ServiceProbe): boolean {
  return probe.error !== null && aboutTheDestination.includes(probe.error.code);
}

function sum(stages: readonly StageResult[]): number {
  return stages.reduce((total, { durationMs }) => total + durationMs, 0);
}
