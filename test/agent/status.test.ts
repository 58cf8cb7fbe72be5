import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import test from "ava";
import { StatusPusher } from "../../src/agent/status/status-pusher.ts";
import { StatusStore } from "../../src/agent/status/status-store.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fact } from "../../src/base/messages/facts.ts";
import { FakeClock } from "../testkit/clock.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";

async function setUp() {
  const folder = await mkdtemp(`${tmpdir()}/outrider-status-`);
  const clock = new FakeClock();
  const configd = new FakeConfigd({ folder, environment: {} });
  const status = new StatusStore(clock.nowMs);
  const stop = new AbortController();
  const pusher = new StatusPusher({ status, configd, clock });
  const running = pusher.run(stop.signal);
  const end = async () => {
    stop.abort(new Error("over"));
    await running;
    await rm(folder, { recursive: true });
  };
  return { clock, configd, status, pusher, end };
}

test("changes within a short time are pushed together, with the last state", async (t) => {
  const { clock, configd, status, end } = await setUp();
  await clock.advance(300);
  t.is(configd.statuses.length, 1);
  for (let count = 1; count <= 50; count++) status.update({ spooledParts: count });
  await clock.advance(0);
  await clock.advance(300);
  t.is(configd.statuses.length, 2);
  t.is(configd.statuses.at(-1)?.spooledParts, 50);
  await end();
});

test("configd gets the status after its restart, also when nothing changed", async (t) => {
  const { clock, configd, status, pusher, end } = await setUp();
  await clock.advance(300);
  configd.unreachable = true;
  status.update({ spooledParts: 7 });
  await clock.advance(0);
  await clock.advance(10_000);
  t.is(configd.statuses.length, 1);
  configd.unreachable = false;
  await clock.advance(5000);
  t.is(configd.statuses.at(-1)?.spooledParts, 7);
  const before = configd.statuses.length;
  pusher.pushAgain();
  await clock.advance(0);
  await clock.advance(300);
  t.is(configd.statuses.length, before + 1);
  await end();
});

test("a failure has its detail as facts and in English; without a detail it does not repeat the error", (t) => {
  const status = new StatusStore(() => 7);
  const of = (error: unknown) => status.failureOf(error);
  const facts = [fact("answered-unsigned", { host: "platform.example.test", status: 502 })];
  t.deepEqual(of(new OutriderError("service-error", { detail: facts })), {
    code: "service-error",
    facts,
    at: 7,
    detail: "platform.example.test answered 502 without a signature",
  });
  t.deepEqual(of(new OutriderError("service-error", { detail: "as it was said" })), {
    code: "service-error",
    detail: "as it was said",
    at: 7,
  });
  t.deepEqual(of(new OutriderError("spool-full")), { code: "spool-full", detail: "", at: 7 });
});

test("a service's failure is kept until a success follows it", async (t) => {
  const clock = new FakeClock();
  const status = new StatusStore(clock.nowMs);
  const never = new AbortController().signal;
  const fail = () =>
    Promise.reject(new OutriderError("connect-refused", { detail: "192.0.2.1 port 443" }));
  await t.throwsAsync(status.recordCall("jobs", never, fail));
  t.like(status.current.services.jobs, {
    lastSuccessAt: null,
    failure: { code: "connect-refused", detail: "192.0.2.1 port 443", at: clock.nowMs() },
  });
  await clock.advance(1000);
  await status.recordCall("jobs", never, async () => undefined);
  t.like(status.current.services.jobs, { lastSuccessAt: clock.nowMs(), failure: null });
});
