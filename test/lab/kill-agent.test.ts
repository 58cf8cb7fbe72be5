import { lastingState, nextHeartbeat, watchEngine } from "../testkit/lab/kill.ts";
import {
  eventually,
  labTest,
  openEnrolledLab,
  openPorts,
  scanRuns,
  shortScan,
} from "../testkit/lab/lab.ts";

labTest(
  "the agent, killed when idle, in a scan and with a result to upload, ends up where it would have been",
  async (t) => {
    t.timeout(600_000);
    const lab = await openEnrolledLab(t);
    const { appliance, operator, applianceId, platform } = lab;
    const reference = await operator.startScan({ applianceId, name: "undisturbed", ...shortScan });
    t.is((await operator.waitForScanEnd(reference.id)).state, "completed");
    const expected = openPorts(await operator.hosts(reference.id));
    t.is(expected.length, 2);
    const before = await lastingState(lab);

    await appliance.kill9Unit("outrider-agent.service");
    await eventually(
      "systemd has it running again",
      async () =>
        (
          await appliance.exec(["systemctl", "is-active", "outrider-agent.service"], {
            mayFail: true,
          })
        ).stdout === "active",
    );
    await nextHeartbeat(lab);
    t.deepEqual(await lastingState(lab), before);

    const inScan = await operator.startScan({
      applianceId,
      name: "agent killed in the scan",
      ...shortScan,
    });
    await eventually("the engine is at work", () => scanRuns(lab), 60_000);
    const wasLeftAlone = await watchEngine(lab);
    await appliance.kill9Unit("outrider-agent.service");
    t.true(await wasLeftAlone(), "the engine does not end with the agent");
    const ended = await operator.waitForScanEnd(inScan.id);
    t.deepEqual([ended.state, ended.attempt], ["completed", 1]);
    t.deepEqual(openPorts(await operator.hosts(inScan.id)), expected);

    const inUpload = await operator.startScan({
      applianceId,
      name: "agent killed with the result on its way",
      ...shortScan,
    });
    await eventually("the engine is at work", () => scanRuns(lab), 60_000);
    await platform.kill9();
    await eventually("the engine has ended", async () => !(await scanRuns(lab)), 120_000);
    await appliance.kill9Unit("outrider-agent.service");
    await platform.start();
    t.is((await operator.waitForScanEnd(inUpload.id)).state, "completed");
    t.deepEqual(openPorts(await operator.hosts(inUpload.id)), expected);
    t.deepEqual(await lastingState(lab), before);
  },
);
