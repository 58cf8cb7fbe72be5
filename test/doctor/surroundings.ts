import type { Server } from "node:http";
import type { createServer as createNetServer } from "node:net";
import type { ExecutionContext } from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { describeFacts, type Fact, fact, quoted } from "../../src/base/messages/facts.ts";
import type { KnownPlatform } from "../../src/doctor/path/known-platform.ts";
import type { OwnMachine } from "../../src/doctor/path/own-machine.ts";
import type { Surroundings } from "../../src/doctor/path/surroundings.ts";
import { runChecks } from "../../src/doctor/run-checks.ts";
import type { InterfaceFacts } from "../../src/network/live-model.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import type { AgentConfiguration } from "../../src/settings/agent-configuration.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import type { Transport, TransportReply } from "../../src/transport/http-transport.ts";
import type { Route } from "../../src/transport/routes/routes.ts";
import type { TlsFacts } from "../../src/transport/stages/certificate.ts";
import type { StageResult } from "../../src/transport/stages/stages.ts";

export const eth0: InterfaceFacts = {
  name: "eth0",
  macAddress: "52:54:00:00:00:01",
  linkUp: true,
  state: "configured",
  addresses: ["192.0.2.10/24"],
  origins: ["static"],
  gateways: ["192.0.2.1"],
  gateway: "192.0.2.1",
  dns: ["192.0.2.53", "198.51.100.53"],
  timeServers: [],
  dhcp: false,
  leasedRoutes: [],
  pciAddress: "0000:00:03.0",
  driver: "virtio_net",
  speedMbps: 1000,
  index: 2,
};

export const configuration: AgentConfiguration = {
  hostname: "outrider",
  platformUrl: "https://platform.outrider.test",
  proxy: { kind: "none" },
  trustedCertificates: [],
  scanDevice: "eth0",
  mode: "single",
  managementDevice: null,
  scanExclusions: [],
  simulated: null,
};
/** With LAN on eth0 and WAN on eth1. */
export const splitConfiguration: AgentConfiguration = {
  ...configuration,
  mode: "split",
  managementDevice: "eth1",
};

export const proxied: AgentConfiguration = {
  ...configuration,
  proxy: { ...defaultHttpProxy, host: "proxy.outrider.test", authentication: "none" },
};

export const url = (name: string) => `https://${name}.outrider.test/${name}/v1`;

export const platform: KnownPlatform = {
  platformUrl: "https://platform.outrider.test",
  certificateAuthorities: "",
  configuration: {
    directory: {
      platformName: "Test",
      services: {
        enrolment: url("enrolment"),
        health: url("health"),
        updates: url("updates"),
        jobs: url("jobs"),
        results: url("results"),
      },
      ipRanges: [],
    },
  },
};

export const stage = (
  name: StageResult["stage"],
  code: ErrorCode | null = null,
  told: readonly Fact[] = [quoted(name)],
): StageResult => ({
  stage: name,
  outcome: code ? "failed" : "ok",
  code,
  facts: told,
  detail: describeFacts(told) ?? "",
  durationMs: 1,
});

export const json: TransportReply = {
  status: 401,
  headers: { "content-type": "application/json" },
  content: Buffer.from('{"error":{"code":"signature-invalid"}}'),
};

/** The path to a host: its stages, and then an answer or a failure. */
export interface Way {
  stages: StageResult[];
  reply?: TransportReply;
  error?: OutriderError;
  tls?: TlsFacts;
  route?: Route;
}

export const through: Way = {
  stages: [stage("resolve"), stage("connect"), stage("tls")],
  reply: json,
};

export const fails = (code: ErrorCode, ...stages: StageResult[]): Way => ({
  stages: [
    ...stages.slice(0, -1),
    { ...(stages.at(-1) ?? stage("resolve")), outcome: "failed", code },
  ],
  error: new OutriderError(code, { detail: "as said" }),
});

/** A machine on which everything is as it should be. */
export const healthyMachine: OwnMachine = {
  cardMode: async () => ({ speedMbps: 1000, duplex: "full" }),
  lease: async () => null,
  askOwners: async () => [],
  duplicates6: async () => [],
  neighbourMac: async () => "52:54:00:00:00:fe",
  neighbours: async () => ["192.0.2.7"],
  routeTo: async () => ({ device: "eth0", source: "192.0.2.10", gateway: "192.0.2.1" }),
  figures: async () => ({
    diskAvailableBytes: 15e9,
    diskTotalBytes: 20e9,
    memoryAvailableBytes: 2 ** 30,
    memoryTotalBytes: 2 ** 31,
  }),
  timeSynchronisation: async () => "synchronised",
  whoRefuses: async () => null,
};

export function surroundings(
  change: Partial<Surroundings>,
  way: (host: string) => Way = () => through,
): Surroundings {
  return {
    configuration,
    platform: null,
    idle: [],
    machine: healthyMachine,
    interfaces: async () => [eth0],
    neighbourAnswers: async () => true,
    askDns: async (_, name) => fact("name-found", { host: name ?? "", addresses: "198.51.100.10" }),
    resolve: async () => ["198.51.100.10"],
    transport: (observe): Transport => ({
      request: async (request) => {
        const { stages, reply, error, tls = null, route = null } = way(request.url.hostname);
        observe(request.url.host, stages, tls, route);
        if (error) throw error;
        return reply ?? json;
      },
      close: async () => undefined,
    }),
    nowMs: () => Date.UTC(2026, 0, 1),
    monotonicMs: () => 0,
    ...change,
  };
}

export async function run(
  change: Partial<Surroundings>,
  way?: (host: string) => Way,
  only: string | null = null,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for await (const result of runChecks(
    surroundings(change, way),
    new AbortController().signal,
    only,
  ))
    results.push(result);
  return results;
}

/** Checks that stand beside the way to the platform. */
const beside = ["duplicate", "source", "certificate", "resources"];

export const short = (results: readonly CheckResult[]) =>
  all(results.filter(({ check }) => !beside.includes(check)));

export const all = (results: readonly CheckResult[]) =>
  results.map(({ id, outcome, code }) => `${id} ${outcome}${code ? ` ${code}` : ""}`);

export const silentDns = async (server: string): Promise<Fact> => {
  throw new OutriderError("dns-silent", { detail: server });
};

export const facts: TlsFacts = {
  protocol: "TLSv1.3",
  issuer: "Outrider CA",
  subject: "platform.outrider.test",
  fingerprint256: "",
  validFromMs: 0,
  validToMs: 0,
  issuerTrusted: true,
  intercepted: false,
  classicalOnly: false,
};

/** A server on this machine, gone when the test ends. */
export async function listening(
  t: ExecutionContext,
  server: Server | ReturnType<typeof createNetServer>,
): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}
