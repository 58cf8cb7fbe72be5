import test from "ava";
import { HeartbeatBuilder } from "../../src/agent/call-home/heartbeat.ts";
import { newCounters } from "../../src/agent/status/counters.ts";
import { StatusStore } from "../../src/agent/status/status-store.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { ConfigdClient } from "../../src/configd/api/api.ts";
import type { AgentStatus } from "../../src/configd/api/status.ts";
import { mostNetworkReports, type NetworkReport } from "../../src/protocol/schemas/health.ts";
import { validators } from "../../src/protocol/validators.ts";
import { idleHealth } from "../testkit/health.ts";

/** A heartbeat's builder over a configd that answers so. */
function builderOver(
  networkReports: () => NetworkReport[],
  jobs: () => AgentStatus["jobs"] = () => [],
): HeartbeatBuilder {
  const configd = {
    call: async (verb: string) => {
      if (verb !== "networkReports") throw new Error(`unexpected ${verb}`);
      return { reports: networkReports() };
    },
  } as unknown as ConfigdClient;
  return new HeartbeatBuilder({
    health: async () => idleHealth,
    interfaces: async () => [],
    configd,
    proxy: null,
    softwareVersion: "0.0.0-test",
    instance: {
      bootId: "0f8fad5b-d9cb-469f-a165-70867728950e",
      machine: "0".repeat(64),
      starts: 1,
    },
    session: {
      configuration: { version: 0 },
      trusts: { replyKeys: [], authorities: [] },
    } as never,
    status: new StatusStore(() => 0),
    counters: newCounters(),
    spool: { figures: { usedBytes: 0, limitBytes: 1, full: false } },
    jobs,
    outages: { unreported: undefined },
  });
}

test("a heartbeat says what configd found to be wrong with cards and networks, and nothing where all is well", async (t) => {
  const replaced = { code: "interface-replaced", detail: "LAN; instead of another" };
  let reports: NetworkReport[] = [replaced];
  const builder = builderOver(() => reports);
  const beat = await builder.next();
  t.deepEqual(beat.networkReports, [replaced]);
  t.true(validators.Heartbeat(beat).valid);
  reports = [];
  t.false("networkReports" in (await builder.next()));
  reports = Array.from({ length: 50 }, () => replaced);
  const most = await builder.next();
  t.is(most.networkReports?.length, mostNetworkReports);
  t.true(validators.Heartbeat(most).valid);
});

test("a configd that does not answer costs no heartbeat", async (t) => {
  const builder = builderOver(() => {
    throw new OutriderError("configd-unreachable");
  });
  const beat = await builder.next();
  t.true(validators.Heartbeat(beat).valid);
  t.false("networkReports" in beat);
});

test("a heartbeat has what the platform knows of a job, and no more", async (t) => {
  const progress = {
    jobId: "0f8fad5b-d9cb-469f-a165-70867728950e",
    attempt: 1,
    state: "running" as const,
    percent: 42,
    hostsFound: 17,
  };
  const waitsFor = { card: "eth0", kind: "no-link" as const, from: 1, until: 2 };
  const { jobs } = await builderOver(
    () => [],
    () => [{ ...progress, name: "Office network", waitsFor }],
  ).next();
  t.deepEqual(jobs, [progress]);
});
