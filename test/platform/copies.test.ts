import { randomUUID } from "node:crypto";
import test from "ava";
import type { TestAppliance } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(async () => {
  await platform?.remove();
});

const enrol = async (): Promise<TestAppliance> => {
  return enrolAt(platform);
};
/** Starts of one machine, which call under the appliance's identity. */
const startOf = (appliance: TestAppliance, machine: string, address = "192.0.2.50/24") => {
  const bootId = randomUUID();
  const interfaces = [
    {
      name: "eth0",
      role: "lan" as const,
      macAddress: "52:54:00:12:34:56",
      linkUp: true,
      addresses: [address],
    },
  ];
  let sequence = 0;
  const beat = async (starts = 1) => {
    sequence++;
    const answer = await appliance.call(
      "health",
      "POST",
      `/heartbeats?boot=${bootId}`,
      appliance.heartbeat({ bootId, machine, starts, sequence, interfaces }),
    );
    return answer.status === 200
      ? "taken"
      : String(Reflect.get(Reflect.get(Object(answer.body), "error"), "code"));
  };
  const jobs = async () => (await appliance.call("jobs", "GET", `/jobs?boot=${bootId}`)).status;
  return { bootId, beat, jobs };
};
const enrolled = "a".repeat(64);
const other = "b".repeat(64);

test("a machine that restarts is itself, however often", async (t) => {
  const appliance = await enrol();
  for (let starts = 1; starts < 6; starts++) {
    const start = startOf(appliance, enrolled);
    t.is(await start.beat(starts), "taken");
    t.is(await start.beat(starts), "taken");
    t.is(await start.jobs(), 200);
  }
  t.is((await platform.api.appliance(appliance.id)).restoredAt, null);
});

test("a machine that was set back to a snapshot goes on, and that is noted", async (t) => {
  const appliance = await enrol();
  t.is(await startOf(appliance, enrolled).beat(7), "taken");
  t.is(await startOf(appliance, enrolled).beat(8), "taken");
  const restored = startOf(appliance, enrolled);
  t.is(await restored.beat(8), "taken");
  t.is(await restored.beat(8), "taken");
  t.true((await platform.api.appliance(appliance.id)).restoredAt !== null);
});

test("of two machines that call by turns the copy is given no work, whichever called last, and both are named", async (t) => {
  const appliance = await enrol();
  const original = startOf(appliance, enrolled, "192.0.2.50/24");
  const copy = startOf(appliance, other, "192.0.2.51/24");
  t.is(await original.beat(), "taken");
  t.is(await copy.beat(), "taken");
  t.is(await original.beat(), "taken");
  t.is(await copy.beat(), "appliance-copy");
  t.is(await copy.jobs(), 403);
  t.is(await original.beat(), "taken", "the original goes on undisturbed");
  t.is(await original.jobs(), 200);
  const machines = await platform.api.machines(appliance.id);
  t.like(
    machines.find(({ bootId }) => bootId === copy.bootId),
    { refused: true, present: false, addresses: "192.0.2.51/24" },
  );
  t.like(
    machines.find(({ bootId }) => bootId === original.bootId),
    { refused: false, present: true, addresses: "192.0.2.50/24" },
  );
  t.regex(platform.log, /a copy of an appliance calls home.*192\.0\.2\.50.*192\.0\.2\.51/);
  const again = startOf(appliance, other);
  t.is(await again.beat(), "appliance-copy", "the copy is known again after its restart");
  const restarted = startOf(appliance, enrolled);
  t.is(await restarted.beat(2), "taken", "the original may restart");
});

test("when the machine that enrolled comes back second, it is the other one that is refused", async (t) => {
  const appliance = await enrol();
  const original = startOf(appliance, enrolled);
  await original.beat();
  const copy = startOf(appliance, other);
  await copy.beat();
  await original.beat();
  await copy.beat();
  t.is(await original.beat(), "taken");
  t.is(await copy.beat(), "appliance-copy");
});

test("a machine that was taken for a copy may be allowed again, and enrols again under the old record with a code for it", async (t) => {
  const appliance = await enrol();
  const scan = await platform.api.startScan({ applianceId: appliance.id, targets: ["192.0.2.1"] });
  const [original, copy] = [startOf(appliance, enrolled), startOf(appliance, other)];
  for (const start of [original, copy, original, copy]) await start.beat();
  t.is(await copy.beat(), "appliance-copy");
  const allowed = await platform.api.request("POST", `/appliances/${appliance.id}/allow-copies`);
  t.is(allowed.status, 200);
  t.is(await copy.beat(), "taken");
  const { code } = await platform.api.codeFor(appliance.id);
  const renewed = await enrolAt(platform, { code, hostname: "moved" });
  t.is(renewed.id, appliance.id, "the record stays");
  t.is((await platform.api.scan(scan.id)).applianceId, renewed.id);
  t.is((await renewed.jobs()).jobs[0]?.id, scan.id);
  t.is((await appliance.call("jobs", "GET", "/jobs")).status, 401, "the old key is unknown now");
  await t.throwsAsync(enrolAt(platform, { code }), { message: /code-used/ });
});

test("a revoked appliance comes back with a code of its own, under its old record", async (t) => {
  const appliance = await enrol();
  await platform.api.revoke(appliance.id);
  const { code } = await platform.api.codeFor(appliance.id);
  const back = await enrolAt(platform, { code });
  t.is(back.id, appliance.id);
  await back.beat();
  t.is((await platform.api.appliance(back.id)).state, "online");
});

test("a certificate is renewed for the key that is known, and for no other", async (t) => {
  const { certificateRequest, makeDeviceKeys } = await import("../testkit/platform/appliance.ts");
  const keys = await makeDeviceKeys();
  const appliance = await enrolAt(platform, { keys });
  const answer = await appliance.call("enrolment", "POST", "/certificate", {
    certificateRequest: await certificateRequest(keys),
  });
  t.is(answer.status, 200);
  t.true(answer.verification.ok);
  t.not(Reflect.get(Object(answer.body), "certificate"), appliance.enrolment.certificate);
  const foreign = await appliance.call("enrolment", "POST", "/certificate", {
    certificateRequest: await certificateRequest(await makeDeviceKeys()),
  });
  t.is(foreign.status, 422);
});
