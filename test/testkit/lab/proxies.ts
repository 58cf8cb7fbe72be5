import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { domain, hosts, platformUrl, services } from "../../../image/lab/addresses.ts";
import type { Daemon } from "../../../image/lab/daemon.ts";
import { type ProxyKind, startProxies } from "../../../image/lab/peers-proxies.ts";
import { projectFolder } from "../../../image/root/system-layer.ts";
import type { CheckResult } from "../../../src/protocol/schemas/check-result.ts";
import {
  defaultSettings,
  type ProxySettings,
  type Settings,
} from "../../../src/settings/model/schema.ts";
import { badProxyPorts } from "../proxies/bad-proxies.ts";
import { eventually, openBootedLab, type TestLab } from "./lab.ts";
import { callConfigd } from "./split-lab.ts";

export interface ProxyLab extends TestLab {
  proxies: ReadonlyMap<ProxyKind, Daemon>;
  applianceId: string;
}

/** The port of a DNS server in front of the lab's own, so that tests can add records. */
const dnsPort = 5353;

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

async function enrol(lab: TestLab): Promise<void> {
  await eventually(
    "an address",
    async () =>
      (
        await lab.appliance.exec(["ip", "-4", "-br", "address", "show", "dev", "eth0"])
      ).stdout.includes("192.0.2."),
    60_000,
  );
  const { code } = await lab.operator.makeActivationCode("lab");
  await eventually("configd takes the code", () =>
    callConfigd(lab, "enrol", { url: platformUrl, code }).then(
      () => true,
      () => false,
    ),
  );
}

/** Kerberos' KDC as Active Directory would announce it. */
async function addDnsRecords(lab: TestLab): Promise<void> {
  const srv = ["_udp", "_tcp"].flatMap((transport) => [
    `--srv-host=_kerberos.${transport}.${domain},proxy.${domain},88`,
  ]);
  await startDns(lab, "records", dnsPort, ["--no-resolv", "--server=198.51.100.1", ...srv]);
  await redirectDns(lab, dnsPort);
}

export async function startDns(
  { namespaces }: TestLab,
  name: string,
  port: number,
  options: readonly string[],
): Promise<void> {
  const always = [
    "dnsmasq",
    "--keep-in-foreground",
    "--no-daemon",
    "--user=root",
    "--no-hosts",
    "--conf-file=/dev/null",
    "--bind-interfaces",
    "--interface=lan",
  ];
  const daemon = namespaces.spawn(
    `dns ${name}`,
    ["chroot", "/run/lab/peers", ...always, `--port=${port}`, ...options],
    { host: "router" },
  );
  await daemon.waitForOutput("started, version");
}

/** Sends the appliance's DNS queries to the router's DNS server on this port. */
export async function redirectDns(lab: TestLab, port: number): Promise<void> {
  await nft(
    lab,
    `table ip labdns {}
delete table ip labdns
table ip labdns {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    iifname lan meta l4proto { tcp, udp } th dport 53 redirect to :${port}
  }
}`,
  );
  // conntrack and resolved both remember earlier queries.
  await lab.namespaces.run(["sh", "-c", "conntrack -F 2>/dev/null || true"], {
    host: "router",
    mayFail: true,
  });
  await lab.appliance.exec(["resolvectl", "flush-caches"], { mayFail: true });
  // resolved merges equal queries: a new one would join a query that still waits for the server
  // before, and get its answer or none.
  await eventually("no question is under way", async () => {
    const { stdout } = await lab.appliance.exec(["resolvectl", "statistics"]);
    return /Current Transactions: +0\b/.test(stdout);
  });
}

export async function nft({ namespaces }: TestLab, rules: string, host = "router"): Promise<void> {
  await namespaces.runPeer(["nft", "-f", "-"], { host, input: rules });
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

/** All bad proxies, on the host `proxy`. */
export async function startBadProxies({ namespaces }: TestLab): Promise<void> {
  const node = join(projectFolder, "node_modules/.bin/node");
  const program = [
    node,
    join(projectFolder, "test/testkit/proxies/bad-proxies.ts"),
    hosts.proxy.address,
    hosts.platform.address,
    "443",
  ];
  await namespaces
    .spawn("bad proxies", program, { host: "proxy" })
    .waitForOutput("bad proxies listen");
}

export const badPorts = badProxyPorts;
export const serviceNames = services.map((service) => `${service}.${domain}`);
