import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { Attacker } from "../testkit/agent/attacker.ts";
import { startPlatform } from "../testkit/platform/platform.ts";
import { ApplianceProcess, until } from "./appliance-process.ts";
import { command, configdOf, life, newWorld } from "./command-lives.ts";

test("a decommissioned appliance is wiped also when the receipt is lost and the next reply is that it is revoked", async (t) => {
  t.timeout(240_000);
  const platform = await startPlatform();
  const between = await Attacker.start(platform);
  const { code } = await platform.api.makeCode("given up");
  const proxy = {
    kind: "http" as const,
    host: "127.0.0.1",
    port: between.port,
    tls: false,
    user: "",
    bypass: [],
    fallbackToDirect: false,
  };
  const appliance = await ApplianceProcess.create(
    { platformUrl: platform.url, proxy: { ...proxy, authentication: "none" } },
    code,
    [],
  );
  t.teardown(async () => {
    await appliance.remove();
    between.stop();
    await platform.remove();
  });
  appliance.start();
  const { applianceId } = await appliance.untilStatus(
    ({ state }) => state === "connected",
    "connected",
  );
  if (applianceId === null) return t.fail();
  await rm(join(appliance.root, "credentials/activation-code"));
  let heardOfIt = false;
  between.attack = async ({ path }, forward) => {
    const reply = await forward();
    if (path.includes("/commands/")) return heardOfIt ? reply : null;
    heardOfIt ||= reply.content.includes("appliance-revoked");
    return reply;
  };
  const decommissioned = join(appliance.root, "units/decommissioned");
  const isWiped = () =>
    until(
      () =>
        access(decommissioned).then(
          () => true,
          () => false,
        ),
      () => `the reset; ${appliance.log}`,
    );
  await platform.api.command(applianceId, { kind: "decommission" });
  await isWiped();
  t.true(heardOfIt);
  t.regex(appliance.log, /work suspended/);
  await appliance.kill9();
  await rm(decommissioned);
  appliance.start();
  await isWiped();
  t.notRegex(appliance.log, /platform access granted again/, "the receipt says nothing of that");
});

test("a refused appliance begins no command, and reports only its decommission", async (t) => {
  const world = newWorld();
  world.refusals = 1;
  const { client, calls } = configdOf({
    decommission: () => ({}),
    doctor: () => ({ results: [] }),
  });
  const before = await life(world, client);
  const decommission = command("decommission");
  await before.commands.take([decommission]);
  await before.clock.untilSleeping((durationMs) => durationMs < 100_000);
  await before.end();
  await before.commands.take([command("doctor"), command("decommission")]);
  const after = await life(world, client, { refused: true });
  await after.clock.untilSleeping((durationMs) => durationMs > 100_000 && durationMs < 400_000);
  await after.end();
  t.deepEqual(calls, ["decommission"]);
  t.deepEqual(
    world.reports.map(({ id }) => id),
    [decommission.id],
  );
});
