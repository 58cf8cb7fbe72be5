import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Outages } from "../../src/agent/call-home/outages.ts";
import { Spool } from "../../src/agent/spool/spool.ts";
import { StatusStore } from "../../src/agent/status/status-store.ts";
import { silentLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { quoted } from "../../src/base/messages/facts.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { ConfigdClient } from "../../src/configd/api/api.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import { validators } from "../../src/protocol/validators.ts";
import { FakeClock } from "../testkit/clock.ts";

const check = (
  id: string,
  outcome: CheckResult["outcome"],
  code: string | null = null,
): CheckResult => ({
  id,
  check: "service",
  subject: id,
  outcome,
  code,
  facts: [quoted(id)],
  detail: id,
  durationMs: 1,
});
const silent = new OutriderError("connect-silent");
const { signal } = new AbortController();

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-outages-"));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

/** The outages of an agent that starts with this spool; its doctor's runs wait until they are let end. */
async function agentOver(folder: string, results: readonly CheckResult[] = []) {
  const clock = new FakeClock();
  const spool = new Spool(folder, {
    log: silentLog,
    random: systemRandom,
    key: new Uint8Array(32),
    limitBytes: 1e6,
  });
  await spool.open();
  const status = new StatusStore(clock.nowMs);
  let runs = 0;
  const configd = {
    call: async (verb: string) => {
      if (verb !== "doctor") throw new Error(`unexpected ${verb}`);
      runs++;
      return { results };
    },
  } as unknown as ConfigdClient;
  const outages = new Outages({
    configd,
    spool,
    status,
    clock,
    nowMs: clock.nowMs,
    log: silentLog,
  });
  await outages.open();
  /** Resolves when the next outage is on the disk. */
  const kept = () =>
    new Promise<void>((resolve) => {
      const write = spool.writeOutage.bind(spool);
      spool.writeOutage = async (outage) => {
        await write(outage);
        resolve();
      };
    });
  return { outages, status, clock, spool, kept, runs: () => runs };
}

const results = [
  check("link:lan", "ok"),
  check("dns:192.0.2.53", "warning", "dns-silent"),
  check("gateway:lan", "failed", "gateway-silent"),
  check("clock", "skipped"),
];

test("after two missed calls the doctor's findings are kept and given to the heartbeats", async (t) => {
  const { outages, status, clock, kept, runs } = await agentOver(await folderFor(t), results);
  const startedMs = clock.nowMs();
  outages.missed(1, silent, signal);
  t.is(runs(), 0, "one may be lost by chance");
  t.is(outages.unreported, undefined);
  await clock.advance(30_000);
  const written = kept();
  outages.missed(2, silent, signal);
  await written;
  t.is(runs(), 1);
  const outage = outages.unreported;
  t.like(outage, {
    since: startedMs,
    checkedAt: startedMs + 30_000,
    code: "gateway-silent",
  });
  t.deepEqual(
    outage?.checks.map(({ id }) => id),
    ["gateway:lan", "dns:192.0.2.53"],
    "what failed, then warnings",
  );
  t.is(status.current.outage, outage);
});

test("an outage that lasts is looked at once an hour, and one call that fails later not at all", async (t) => {
  const { outages, clock, kept, runs } = await agentOver(await folderFor(t), results);
  const first = kept();
  outages.missed(2, silent, signal);
  await first;
  for (let failures = 3; failures < 20; failures++) {
    await clock.advance(60_000);
    outages.missed(failures, silent, signal);
  }
  t.is(runs(), 1);
  await clock.advance(3_600_000);
  const second = kept();
  outages.missed(20, silent, signal);
  await second;
  t.is(runs(), 2);
  await outages.reached(outages.unreported);
  outages.missed(1, silent, signal);
  t.is(runs(), 2);
});

test("the cause survives a restart of the agent until a heartbeat with it is answered, and is shown after that", async (t) => {
  const folder = await folderFor(t);
  const before = await agentOver(folder, results);
  const written = before.kept();
  before.outages.missed(2, silent, signal);
  await written;
  const outage = before.outages.unreported;

  const after = await agentOver(folder, []);
  t.deepEqual(after.outages.unreported, outage);
  t.deepEqual(after.status.current.outage, outage);
  await after.outages.reached(undefined);
  t.deepEqual(after.outages.unreported, outage, "a heartbeat without it says nothing");
  await after.outages.reached(after.outages.unreported);
  t.is(after.outages.unreported, undefined);
  t.deepEqual(after.status.current.outage, outage, "the last cause stays");

  const again = await agentOver(folder, []);
  t.is(again.outages.unreported, undefined, "it is not told twice");
  t.deepEqual(again.status.current.outage, outage);
});

test("an outage that goes on after a restart keeps its beginning; without a failed check the call's code counts", async (t) => {
  const folder = await folderFor(t);
  const before = await agentOver(folder, results);
  const since = before.clock.nowMs();
  let written = before.kept();
  before.outages.missed(2, silent, signal);
  await written;
  const after = await agentOver(folder, [check("link:lan", "ok")]);
  await after.clock.advance(600_000);
  written = after.kept();
  after.outages.missed(2, silent, signal);
  await written;
  t.like(after.outages.unreported, { since, code: "connect-silent", checks: [] });
});

test("the longest outage is one that the platform takes, and few bytes", async (t) => {
  const many = Array.from({ length: 100 }, (_, index) => ({
    ...check(`service:${index}`, "failed", "connect-silent"),
    detail: "x".repeat(1000),
  }));
  const { outages, kept } = await agentOver(await folderFor(t), many);
  const written = kept();
  outages.missed(2, silent, signal);
  await written;
  t.is(outages.unreported?.checks.length, 20);
  t.true(JSON.stringify(outages.unreported).length < 40_000);
  const heartbeat: unknown = { outage: outages.unreported };
  const parsed = validators.Heartbeat(heartbeat);
  t.false(parsed.valid);
  if (!parsed.valid)
    t.deepEqual(
      parsed.violations.filter(({ path }) => path.startsWith("/outage") || /outage/.test(path)),
      [],
    );
});
