import { applyOnTrial, reviewStaticAddress } from "../../image/lab/console-keys.ts";
import { lastingState, nextHeartbeat } from "../testkit/lab/kill.ts";
import {
  eventually,
  labTest,
  openEnrolledLab,
  openPorts,
  scanRuns,
  shortScan,
} from "../testkit/lab/lab.ts";

labTest(
  "the plug pulled at moments of the start, and in a trial: the old settings are active, the appliance is the same",
  async (t) => {
    t.timeout(600_000);
    const lab = await openEnrolledLab(t, { targets: false });
    const { appliance } = lab;
    const before = await lastingState(lab);
    for (const moment of [
      "outrider-boot.service",
      "outrider-configd.service",
      "outrider-agent.service",
    ]) {
      await appliance.kill9();
      await appliance.start();
      await eventually(`${moment} is being started`, async () => {
        const { stdout } = await appliance
          .exec(["systemctl", "show", "-P", "ActiveState", moment], { mayFail: true })
          .catch(() => ({ stdout: "" }));
        return /activ/.test(stdout) && !stdout.startsWith("inactive");
      });
    }
    await appliance.kill9();
    await appliance.start();
    t.deepEqual((await appliance.booted()).failedUnits, []);
    await nextHeartbeat(lab);
    t.deepEqual(await lastingState(lab), before);

    await reviewStaticAddress(appliance.console, {
      address: "192.0.2.50/24",
      gateway: "192.0.2.1",
      dns: "192.0.2.1",
    });
    await applyOnTrial(appliance.console);
    await appliance.kill9();
    await appliance.start();
    t.deepEqual((await appliance.booted()).failedUnits, []);
    await nextHeartbeat(lab);
    const { stdout } = await appliance.exec(["ip", "-br", "-4", "address", "show", "dev", "eth0"]);
    t.regex(stdout, /192\.0\.2\.1\d\d\/24/);
    t.deepEqual(await lastingState(lab), before);
  },
);

labTest(
  "the plug pulled in a scan and with a result to upload: the scan is completed, once and whole",
  async (t) => {
    t.timeout(600_000);
    const lab = await openEnrolledLab(t);
    const { appliance, operator, applianceId, platform } = lab;
    const before = await lastingState(lab);

    const inScan = await operator.startScan({
      applianceId,
      name: "plug pulled in the scan",
      ...shortScan,
    });
    await eventually("the engine is at work", () => scanRuns(lab), 60_000);
    await appliance.kill9();
    await appliance.start();
    await appliance.booted();
    t.is((await operator.waitForScanEnd(inScan.id)).state, "completed");
    const expected = openPorts(await operator.hosts(inScan.id));
    t.is(expected.length, 2);

    const inUpload = await operator.startScan({
      applianceId,
      name: "plug pulled with the result on its way",
      ...shortScan,
    });
    await eventually("the engine is at work", () => scanRuns(lab), 60_000);
    await platform.kill9();
    await eventually("the engine has ended", async () => !(await scanRuns(lab)), 120_000);
    await appliance.kill9();
    await platform.start();
    await appliance.start();
    await appliance.booted();
    t.is((await operator.waitForScanEnd(inUpload.id)).state, "completed");
    t.deepEqual(openPorts(await operator.hosts(inUpload.id)), expected);
    t.deepEqual(await lastingState(lab), before);
  },
);
