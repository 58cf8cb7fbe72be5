import type { AgentConfiguration } from "../../configd/agent-configuration.ts";
import { proxyPlace } from "../../settings/proxy-place.ts";
import { failed, ok, skipped } from "../outcome.ts";
import type { RungResult } from "../result.ts";
import type { ServiceProbe } from "./service.ts";

export const proxyRung = { id: "proxy", rung: "proxy", subject: "proxy" } as const;

/** What the proxy says of a destination and not of itself. */
const aboutTheDestination = new Set(["proxy-denied", "proxy-target-unreachable"]);

/** The proxy as the ways through it showed it: where every one of them ended at the proxy, it is the proxy. */
export function judgeProxy(proxy: AgentConfiguration["proxy"], probes: readonly ServiceProbe[]): RungResult {
  const place = proxyPlace(proxy);
  if (place === null) return skipped(proxyRung, "no proxy is set");
  const rung = { ...proxyRung, subject: `proxy ${place}` };
  const fault = probes.map(faultOfProxy);
  const [first] = fault;
  const durationMs = Math.max(0, ...probes.map(timeAtProxy));
  if (first && fault.every((one) => one !== null)) return failed(rung, first.code, first.detail ?? first.message, durationMs);
  const passed = probes.flatMap((probe) => probe.stages.filter((stage) => stage.stage === "proxy" && stage.outcome === "ok"));
  const denied = probes.find((probe) => probe.error && aboutTheDestination.has(probe.error.code));
  return ok(rung, passed[0]?.detail ?? (denied ? "it answers, but not for every address" : "it answers"), durationMs);
}

/** The error of a way that did not get past the proxy. */
export function faultOfProxy(probe: ServiceProbe) {
  const last = probe.stages.at(-1);
  const before = last !== undefined && last.outcome === "failed" && last.stage !== "tls";
  return before && probe.error && !aboutTheDestination.has(probe.error.code) ? probe.error : null;
}

function timeAtProxy(probe: ServiceProbe): number {
  return probe.stages.filter((stage) => stage.stage !== "tls").reduce((sum, stage) => sum + stage.durationMs, 0);
}
