import type { ExecutionContext } from "ava";
import { domain, hosts, platformUrl, services } from "../../../image/lab/addresses.ts";
import type { Daemon } from "../../../image/lab/daemon.ts";
import { type ProxyKind, startProxies } from "../../../image/lab/peers-proxies.ts";
import type { CheckResult } from "../../../src/protocol/schemas/check-result.ts";
import {
  defaultSettings,
  type ProxySettings,
  type Settings,
} from "../../../src/settings/model/schema.ts";
import { badProxyPorts } from "../proxies/bad-proxies.ts";
import { openBootedLab, type TestLab } from "./lab.ts";
import { addDnsRecords, enrol, nft } from "./lab-network.ts";
import { callConfigd } from "./split-lab.ts";

export interface ProxyLab extends TestLab {
  proxies: ReadonlyMap<ProxyKind, Daemon>;
  applianceId: string;
}

/** A lab with these proxies whose appliance is enrolled, directly. */
export async function openProxyLab(
  t: ExecutionContext,
  kinds: readonly ProxyKind[],
): Promise<ProxyLab> {
  const lab = await openBootedLab(t, { targets: false });
  const [proxies] = await Promise.all([
    startProxies(lab.namespaces, kinds),
    addDnsRecords(lab),
    enrol(lab),
  ]);
  const { id } = await lab.operator.waitForAppliance(
    ({ heartbeatAt }) => heartbeatAt !== null,
    "the first heartbeat",
    90_000,
  );
  return { ...lab, proxies, applianceId: id };
}

/** A firewall on the router; "" takes it away. */
export async function wall(lab: TestLab, rules: string): Promise<void> {
  const table =
    rules === ""
      ? ""
      : `table inet wall {\n chain forward {\n type filter hook forward priority -10;\n ${rules}\n }\n}\n`;
  await nft(lab, `table inet wall {}\ndelete table inet wall\n${table}`);
}

/** Firewall rules by which only proxies reach the platform. */
export const onlyByProxy = `iifname lan ip daddr ${hosts.platform.address} drop`;

export interface ProxyWishes {
  password?: string;
  trusted?: readonly string[];
}

/** Sets the proxy as an operator does, and keeps it without regard to the checks. */
export async function setProxy(
  lab: TestLab,
  proxy: ProxySettings,
  { password, trusted = [] }: ProxyWishes = {},
): Promise<void> {
  const settings: Settings = {
    ...defaultSettings,
    platform: { url: platformUrl },
    proxy,
    trust: { certificates: [...trusted] },
  };
  const trial = await callConfigd(lab, "try", { settings, proxyPassword: password ?? null });
  if (
    typeof trial !== "object" ||
    trial === null ||
    !("id" in trial) ||
    typeof trial.id !== "string"
  )
    throw new Error("there is no trial");
  await callConfigd(lab, "keep", { id: trial.id });
}

export interface AgentView {
  state: string;
  failure: { code: string; detail: string; at: number } | null;
  path: { route: string; fallback: boolean; issuer: string; intercepted: boolean } | null;
  lastSuccessAt: number | null;
}

export async function agentView(lab: TestLab): Promise<AgentView> {
  const { stdout } = await lab.appliance.exec(["outrider", "status", "--json"]);
  const status: unknown = JSON.parse(stdout);
  const at = (value: unknown, ...names: string[]): unknown =>
    names.reduce<unknown>(
      (found, name) =>
        typeof found === "object" && found !== null ? Reflect.get(found, name) : undefined,
      value,
    );
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const number = (value: unknown) => (typeof value === "number" ? value : 0);
  const failure = at(status, "agent", "failure");
  const path = at(status, "agent", "path");
  const success = at(status, "agent", "services", "health", "lastSuccessAt");
  return {
    state: text(at(status, "agent", "state")),
    failure: failure
      ? {
          code: text(at(failure, "code")),
          detail: text(at(failure, "detail")),
          at: number(at(failure, "at")),
        }
      : null,
    path: path
      ? {
          route: text(at(path, "route")),
          fallback: at(path, "fallback") === true,
          issuer: text(at(path, "issuer")),
          intercepted: at(path, "intercepted") === true,
        }
      : null,
    lastSuccessAt: typeof success === "number" ? success : null,
  };
}

export interface CallOutcome {
  /** The error code; "" when the call succeeded. */
  code: string;
  detail: string;
  tookMs: number;
  view: AgentView;
}

/** Has the agent call home now, and waits for the outcome. */
export async function callHome(
  lab: TestLab,
  limitMs = 60_000,
  clockOffsetMs = 0,
): Promise<CallOutcome> {
  // The appliance's clock is this machine's, but where a test gave it another one.
  const sinceMs = Date.now() + clockOffsetMs;
  let askedMs = 0;
  // Status times of an agent that had another clock are in the past or in the future.
  const isNew = (at: number | null | undefined) =>
    (at ?? 0) >= sinceMs && (at ?? 0) <= Date.now() + clockOffsetMs + 1000;
  for (;;) {
    // An agent that has just started may not handle the signal yet.
    if (Date.now() - askedMs > 4000) {
      askedMs = Date.now();
      await lab.appliance.exec(["outrider", "call"]);
    }
    const view = await agentView(lab);
    const tookMs = Date.now() + clockOffsetMs - sinceMs;
    if (isNew(view.lastSuccessAt))
      return { code: "", detail: "", tookMs: (view.lastSuccessAt ?? 0) - sinceMs, view };
    if (view.failure && isNew(view.failure.at))
      return { ...view.failure, tookMs: view.failure.at - sinceMs, view };
    if (tookMs > limitMs) throw new Error(`no call within ${limitMs} ms: ${JSON.stringify(view)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

export interface DoctorOutcome {
  results: CheckResult[];
  /** The first that failed. */
  failed: CheckResult | undefined;
  tookMs: number;
}

export async function runDoctor(lab: TestLab, only?: string): Promise<DoctorOutcome> {
  const startedMs = performance.now();
  const { stdout } = await lab.appliance.exec(
    ["outrider", "doctor", "--json", ...(only === undefined ? [] : ["--only", only])],
    {
      mayFail: true,
      timeoutMs: 60_000,
    },
  );
  const parsed: { results: CheckResult[] } = JSON.parse(stdout);
  return {
    results: parsed.results,
    failed: parsed.results.find(({ outcome }) => outcome === "failed"),
    tookMs: performance.now() - startedMs,
  };
}

export const badPorts = badProxyPorts;
export const serviceNames = services.map((service) => `${service}.${domain}`);
