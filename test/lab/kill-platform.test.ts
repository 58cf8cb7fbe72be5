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
  "the platform, killed when idle and in the middle of a scan, has lost nothing",
  async (t) => {
    t.timeout(600_000);
    const lab = await openEnrolledLab(t);
    const { operator, applianceId, platform } = lab;
    const before = await lastingState(lab);
    await platform.kill9();
    await platform.start();
    await nextHeartbeat(lab);
    t.deepEqual(await lastingState(lab), before);

    const scan = await operator.startScan({
      applianceId,
      name: "platform killed in the scan",
      ...shortScan,
    });
    await eventually("the engine is at work", () => scanRuns(lab), 60_000);
    await platform.kill9();
    await platform.start();
    const ended = await operator.waitForScanEnd(scan.id);
    t.deepEqual([ended.state, ended.attempt], ["completed", 1]);
    t.is(openPorts(await operator.hosts(scan.id)).length, 2);
    t.deepEqual(await lastingState(lab), before);
  },
);
