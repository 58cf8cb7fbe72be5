import { en } from "../../console/words/en.ts";
import { goHome, seen } from "../../image/lab/console-keys.ts";
import { lastingState } from "../testkit/lab/kill.ts";
import { eventually, labTest, openEnrolledLab } from "../testkit/lab/lab.ts";

labTest(
  "the console, killed in a half-typed form, is back on its screen within seconds and has changed nothing",
  async (t) => {
    t.timeout(300_000);
    const lab = await openEnrolledLab(t, { targets: false });
    const screen = lab.appliance.console;
    const before = await lastingState(lab);
    await goHome(screen);
    await screen.press("3");
    await screen.waitFor("Outrider - Platform");
    await screen.type("0123");
    await lab.appliance.kill9Unit("outrider-console@console.service");
    const whole = (rows: string[]) =>
      /^ Outrider - Home/.test(rows[0] ?? "") &&
      /Next:/.test(rows.join("\n")) &&
      /F1 Help/.test(rows.at(-1) ?? "");
    await screen.waitFor(whole, {
      timeoutMs: 30_000,
      what: "a new console with its first screen whole, painted by itself",
    });
    t.notRegex(
      screen.screen().join("\n"),
      /0123|Outrider - Platform/,
      "nothing of the old screen is left",
    );
    const unit = await lab.appliance.exec([
      "systemctl",
      "show",
      "-p",
      "Restart,RestartUSec,RestartSteps,TTYReset,TTYVHangup",
      "outrider-console@console.service",
    ]);
    t.regex(unit.stdout, /^RestartUSec=500ms$/m);
    for (const setting of ["Restart=always", "RestartSteps=0", "TTYReset=yes", "TTYVHangup=yes"])
      t.true(unit.stdout.split("\n").includes(setting), setting);
    // The killed console left the terminal raw; the new one takes keys and leaves no remains.
    await screen.press("?");
    await screen.waitFor((rows) => !rows.join("\n").includes("Outrider - Home"), {
      what: "a key opens another screen",
    });
    t.notRegex(screen.screen().join("\n"), /Error|node:|at .*\.js/);
    t.deepEqual(await lastingState(lab), before);
  },
);

labTest(
  "from the console scans are stopped, that which runs and that which waits, a support bundle goes to the platform, and updates are looked for",
  async (t) => {
    t.timeout(300_000);
    const { appliance, operator, applianceId, platform } = await openEnrolledLab(t, {
      targets: false,
    });
    const screen = appliance.console;
    // These many addresses do not answer, so the scan would take hours.
    const wish = { applianceId, targets: ["198.18.0.0/16"], profile: "gentle" as const };
    const first = await operator.startScan({ ...wish, name: "First" });
    const second = await operator.startScan({ ...wish, name: "Second" });
    await goHome(screen);
    await screen.press("c", "6");
    await screen.waitFor(
      (rows) =>
        rows.some((row) => /First +running/.test(row)) &&
        rows.some((row) => /Second +waiting/.test(row)),
      {
        timeoutMs: 60_000,
        what: "one scan runs and one waits",
      },
    );
    const stopAt = async (name: string) => {
      await screen.waitFor((rows) => rows.some((row) => row.startsWith(` > ${name}`)), {
        what: `${name} is chosen`,
      });
      await screen.press("s");
      await screen.waitFor(en["scans.yes"]);
      await screen.press("left");
      await screen.waitFor(`[> ${en["scans.yes"]} <]`);
      await screen.press("enter");
      await seen(screen, "scans.stopping");
    };
    await screen.press("end");
    await stopAt("Second");
    t.is((await operator.waitForScanEnd(second.id, 60_000)).state, "stopped");
    t.is((await operator.scan(first.id)).completion, null, "the other one goes on");
    await screen.press("home");
    await stopAt("First");
    t.is((await operator.waitForScanEnd(first.id, 60_000)).state, "stopped");
    await seen(screen, "home.scanNone");

    await screen.press("f10", "9", "6");
    await seen(screen, "support.sendHint");
    await screen.press("f4");
    await screen.waitFor((rows) => /Sent (just now|\d+ s ago)/.test(rows.join(" ")), {
      timeoutMs: 90_000,
      what: "the bundle is there",
    });
    await eventually("the platform has it whole", async () => {
      const { commands } = Object(
        await platform.api("GET", `/api/appliances/${applianceId}/commands`),
      );
      return (
        Array.isArray(commands) &&
        commands.some((command) => command.kind === "support-bundle" && command.state === "done")
      );
    });

    const checkedAt = async () =>
      JSON.parse((await appliance.exec(["outrider", "status", "--json"])).stdout).agent.contentCheck
        ?.at ?? 0;
    const before = await checkedAt();
    await screen.press("f10", "8", "f5");
    await seen(screen, "updates.checking");
    await eventually("the list was read anew", async () => (await checkedAt()) > before, 60_000);
  },
);
