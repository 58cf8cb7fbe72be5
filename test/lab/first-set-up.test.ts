import { platformUrl } from "../../image/lab/addresses.ts";
import { enrolAtConsole, goHome } from "../../image/lab/console-keys.ts";
import { eventually, labTest, openBootedLab } from "../testkit/lab/lab.ts";

labTest(
  "address and activation code typed at the console enrol the appliance, and it calls home",
  async (t) => {
    t.timeout(300_000);
    const { appliance, operator } = await openBootedLab(t, { targets: false });
    const screen = appliance.console;
    await screen.waitFor(/192\.0\.2\.1\d\d\/24 \(DHCP\)/, {
      timeoutMs: 60_000,
      what: "the leased address on the home screen",
    });
    t.regex(screen.screen().join("\n"), /Not enrolled/);

    const { code } = await operator.makeActivationCode("first");
    await enrolAtConsole(screen, platformUrl, code);
    const { id, heartbeatAt } = await operator.waitForAppliance(
      (each) => each.heartbeatAt !== null,
      "the first heartbeat",
    );
    t.not(heartbeatAt, null);
    await goHome(screen);
    await screen.waitFor("Connected to", {
      timeoutMs: 30_000,
      what: "the home screen says that it is connected",
    });

    const { heartbeat, inventory } = await operator.appliance(id);
    t.is(
      heartbeat?.interfaces.find(({ name }) => name === "eth0")?.macAddress,
      "52:54:00:0a:00:01",
    );
    t.true((heartbeat?.health.memoryTotalBytes ?? 0) > 0);
    await eventually(
      "the inventory has arrived",
      async () => (await operator.appliance(id)).inventory !== null,
    );
    t.truthy(inventory ?? (await operator.appliance(id)).inventory);

    // The code worked once and is not kept; the key never left the appliance and is readable only
    // by the agent.
    const { stdout: secrets } = await appliance.exec([
      "sh",
      "-c",
      "ls /data/outrider/secrets; cat /run/outrider/credentials/agent/activation-code",
    ]);
    t.notRegex(secrets, /activation-code|[0-9A-Z]{20}/);
    const { stdout: key } = await appliance.exec([
      "sh",
      "-c",
      "stat -c '%U %a' /data/outrider/identity/*",
    ]);
    for (const line of key.split("\n")) t.regex(line, /^outrider-agent 6[04]0$/);
    t.notRegex(
      await appliance.journal(),
      new RegExp(code.replaceAll("-", "")),
      "the code is in no log",
    );

    const { stdout: status } = await appliance.exec(["outrider", "status"]);
    t.regex(status, /platform\.outrider\.test/);
  },
);

labTest("the appliance is the same one after it was switched off and on", async (t) => {
  t.timeout(300_000);
  const { appliance, operator } = await openBootedLab(t, { targets: false });
  const { code } = await operator.makeActivationCode("first");
  await enrolAtConsole(appliance.console, platformUrl, code);
  const { id } = await operator.waitForAppliance(
    (each) => each.heartbeatAt !== null,
    "the first heartbeat",
  );
  const before = (await operator.appliance(id)).heartbeat?.bootId;
  await appliance.powerOff();
  await appliance.start();
  await appliance.booted();
  await eventually(
    "a heartbeat of the new start",
    async () => (await operator.appliance(id)).heartbeat?.bootId !== before,
    60_000,
  );
  t.is((await operator.appliances()).length, 1);
});
