import test from "ava";
import { clockMs, command, configdOf, life, newWorld } from "./command-lives.ts";

/** An appliance must do nothing for a command that failed or expired. */
const drastic = () => configdOf({ decommission: () => ({}), power: () => ({}) });
const another = "00000000-0000-4000-8000-000000000002";

for (const kind of ["decommission", "reboot"] as const) {
  test(`an expired ${kind} is reported as expired, and nothing follows, now or after a restart`, async (t) => {
    const world = newWorld();
    const { client, calls } = drastic();
    const first = await life(world, client);
    await first.commands.take([command(kind, { expiresAt: clockMs - 1 })]);
    await first.resting();
    await first.end();
    const second = await life(world, client);
    await second.resting();
    await second.end();
    t.like(world.reports, [{ result: { end: "expired" } }]);
    t.deepEqual(calls, []);
  });

  test(`a ${kind} whose record is damaged is reported as failed, and nothing follows, now or after a restart`, async (t) => {
    const world = newWorld();
    const { client, calls } = drastic();
    const given = command(kind);
    await world.files.write(`/spool/commands/${given.id}.json`, "cut");
    const first = await life(world, client);
    await first.commands.take([given]);
    await first.resting();
    await first.end();
    const second = await life(world, client);
    await second.resting();
    await second.end();
    t.like(world.reports, [{ result: { end: "failed", code: "storage-damaged" } }]);
    t.deepEqual(calls, []);
  });

  test(`a ${kind} of an earlier identity is not carried out, not reported, and not kept`, async (t) => {
    const world = newWorld();
    const { client, calls } = drastic();
    const former = await life(world, client);
    await former.end();
    await former.commands.take([command(kind)]);
    const present = await life(world, client, { applianceId: another });
    await present.resting();
    await present.end();
    t.deepEqual(world.reports, []);
    t.deepEqual(calls, []);
    t.deepEqual(await world.files.list("/spool/commands"), []);
  });
}

test("a decommission that the platform no longer knows wipes nothing, now or after a restart", async (t) => {
  const world = newWorld();
  world.forgotten = true;
  const { client, calls } = drastic();
  const given = command("decommission");
  const first = await life(world, client);
  await first.commands.take([given]);
  await first.resting();
  await first.end();
  const second = await life(world, client);
  await second.resting();
  t.is(world.reports.length, 1);
  t.deepEqual(calls, []);
  world.forgotten = false;
  await second.commands.take([given]);
  while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await second.end();
  t.deepEqual(calls, ["decommission"], "sent again, it is reported again, and its receipt counts");
  t.is(world.reports.length, 2);
});

test("a reboot that the platform no longer knows when it is reported does not happen a second time", async (t) => {
  const world = newWorld();
  world.forgotten = true;
  const { client, calls } = drastic();
  const before = await life(world, client);
  await before.commands.take([command("reboot")]);
  await before.clock.untilSleeping((durationMs) => durationMs > 100_000 && durationMs < 400_000);
  await before.end();
  for (const bootId of ["boot-2", "boot-3"]) {
    const after = await life(world, client, { bootId });
    await after.resting();
    await after.end();
  }
  t.deepEqual(calls, ["power"]);
  t.is(world.reports.length, 1);
});
