import { keyboardLayouts } from "../../src/settings/model/keyboards.ts";
import { labTest, openBootedLab } from "../testkit/lab/lab.ts";

labTest(
  "the appliance boots cleanly to its console: nothing failed, there is no log-in, nothing listens on the network",
  async (t) => {
    t.timeout(300_000);
    const { appliance } = await openBootedLab(t, { platform: false, targets: false });
    const { failedUnits } = await appliance.booted();
    t.deepEqual(failedUnits, []);

    const { stdout: units } = await appliance.exec([
      "systemctl",
      "list-units",
      "--plain",
      "--no-legend",
      "--state=active",
      "--type=service",
    ]);
    for (const unit of [
      "outrider-configd.service",
      "outrider-agent.service",
      "outrider-console@console.service",
    ])
      t.true(units.includes(unit), unit);
    t.notRegex(units, /getty|logind|ssh/);

    await appliance.console.waitFor("Outrider", { timeoutMs: 30_000 });
    // Neither the kernel nor systemd wrote over it.
    t.notRegex(appliance.console.screen().join("\n"), /Started |Reached target|login:|\[ +OK +\]/);

    const { stdout: sockets } = await appliance.exec(["ss", "-Hlntu"]);
    const addresses = sockets.split("\n").map((line) => line.split(/\s+/)[4] ?? "");
    t.deepEqual(
      addresses.filter(
        (address) => !/^127\.0\.0\.5[34](%lo)?:53$/.test(address) && !/%eth\d:68$/.test(address),
      ),
      [],
      "only resolved on loopback, and DHCP's client",
    );

    const { stdout: shadow } = await appliance.exec(["cat", "/etc/shadow"]);
    const passwords = shadow.split("\n").map((line) => line.split(":")[1] ?? "");
    t.deepEqual(
      passwords.filter((password) => !/^[!*]/.test(password)),
      [],
      "no account has a password",
    );
    const { stdout: privileged } = await appliance.exec([
      "find",
      "/usr",
      "/etc",
      "-xdev",
      "-type",
      "f",
      "-perm",
      "/6000",
    ]);
    t.is(privileged, "", "no program makes its caller another user");

    // A container has no screen to load a layout on: its unit is skipped, and nothing fails.
    t.is((await appliance.exec(["cat", "/run/outrider/keyboard"])).stdout, "LAYOUT=us");
    const { stdout: keyboard } = await appliance.exec([
      "systemctl",
      "show",
      "--property=ConditionResult,ActiveState",
      "outrider-keyboard.service",
    ]);
    t.deepEqual(keyboard.split("\n").sort(), ["ActiveState=inactive", "ConditionResult=no"]);
    const { stdout: maps } = await appliance.exec(["ls", "/usr/lib/outrider/keymaps"]);
    t.deepEqual(maps.split("\n").sort(), keyboardLayouts.map((layout) => `${layout}.kmap`).sort());
    const refused =
      'for map in /usr/lib/outrider/keymaps/*; do loadkeys --quiet --unicode --bkeymap "$map" >/dev/null || echo "$map"; done';
    t.is(
      (await appliance.exec(["sh", "-c", refused])).stdout,
      "",
      "every map is one that loadkeys understands",
    );
  },
);

labTest("state on /data has the owners of the design, and the journal is kept there", async (t) => {
  t.timeout(300_000);
  const { appliance } = await openBootedLab(t, { platform: false, targets: false });
  const { stdout } = await appliance.exec([
    "stat",
    "-c",
    "%n %U:%G %a",
    ...["settings", "secrets", "identity", "spool", "scan", "content", "host"].map(
      (name) => `/data/outrider/${name}`,
    ),
  ]);
  t.deepEqual(stdout.replaceAll("/data/outrider/", "").split("\n"), [
    "settings root:root 750",
    "secrets root:root 700",
    "identity outrider-agent:outrider-agent 700",
    "spool outrider-agent:outrider-agent 700",
    "scan outrider-agent:outrider-scan 2770",
    "content outrider-agent:outrider-agent 750",
    "host root:root 700",
  ]);
  const { stdout: journals } = await appliance.exec([
    "find",
    "/data/journal",
    "-name",
    "*.journal",
  ]);
  t.regex(journals, /system\.journal/);
  await appliance.powerOff();
  await appliance.start();
  await appliance.booted();
  const { stdout: boots } = await appliance.exec([
    "journalctl",
    "--list-boots",
    "--no-pager",
    "-q",
  ]);
  t.is(
    boots.split("\n").filter((line) => /^\s*-?\d/.test(line)).length,
    2,
    "the journal of the start before is there",
  );
});
