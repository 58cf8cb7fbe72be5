import {
  applyOnTrial,
  goHome,
  keepTrial,
  reviewStaticAddress,
  seen,
} from "../../image/lab/console-keys.ts";
import { lastingState, nextHeartbeat } from "../testkit/lab/kill.ts";
import {
  eventually,
  labTest,
  openEnrolledLab,
  openPorts,
  scanRuns,
  shortScan,
} from "../testkit/lab/lab.ts";

const wish = { address: "192.0.2.50/24", gateway: "192.0.2.1", dns: "192.0.2.1" };

labTest(
  "configd, killed when idle, in a trial and in a scan, goes on where it was, and no operator is locked out",
  async (t) => {
    t.timeout(600_000);
    const lab = await openEnrolledLab(t);
    const { appliance, operator, applianceId } = lab;
    const screen = appliance.console;
    const before = await lastingState(lab);
    const kill = async () => {
      await appliance.kill9Unit("outrider-configd.service");
      await eventually(
        "configd answers again",
        async () =>
          (await appliance.exec(["outrider", "status"], { mayFail: true })).exitCode === 0,
      );
    };

    await kill();
    await goHome(screen);
    await nextHeartbeat(lab);
    t.deepEqual(await lastingState(lab), before);

    const scan = await operator.startScan({
      applianceId,
      name: "configd killed in the scan",
      ...shortScan,
    });
    await eventually("the engine is at work", () => scanRuns(lab), 60_000);
    await kill();
    t.is((await operator.waitForScanEnd(scan.id)).state, "completed");
    t.is(openPorts(await operator.hosts(scan.id)).length, 2);

    // The trial goes on: the console still shows it, and it can still be kept.
    await reviewStaticAddress(screen, wish);
    await applyOnTrial(screen);
    await kill();
    await screen.press("f9");
    await seen(screen, "trial.countdown");
    await keepTrial(screen);
    const { stdout } = await appliance.exec(["ip", "-br", "-4", "address", "show", "dev", "eth0"]);
    t.regex(stdout, /192\.0\.2\.50\/24/);
    t.is(
      (
        await appliance.exec([
          "systemctl",
          "list-timers",
          "--plain",
          "--no-legend",
          "outrider-revert-*",
        ])
      ).stdout,
      "",
      "no reverter is left that would undo what was kept",
    );
  },
);

labTest("a trial whose configd is dead for good is reverted by the timer alone", async (t) => {
  t.timeout(400_000);
  const lab = await openEnrolledLab(t, { targets: false });
  const { appliance } = lab;
  const before = await lastingState(lab);
  await reviewStaticAddress(appliance.console, wish);
  await applyOnTrial(appliance.console);
  await appliance.kill9Unit("outrider-configd.service");
  await appliance.exec(["systemctl", "stop", "outrider-configd.service"]);
  await eventually(
    "the lease is back",
    async () =>
      /192\.0\.2\.1\d\d\/24/.test(
        (await appliance.exec(["ip", "-br", "-4", "address", "show", "dev", "eth0"])).stdout,
      ),
    150_000,
  );
  await appliance.exec(["systemctl", "start", "outrider-configd.service"]);
  await nextHeartbeat(lab);
  t.deepEqual(await lastingState(lab), before);
});
