import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeAccelerator } from "../build/accelerator.ts";
import { buildApplianceDisk } from "../build/build-disk.ts";
import { BuildCache, cacheFolder } from "../cache/cache.ts";
import { machineEnd } from "../lab/appliance-end.ts";
import { Operator } from "../lab/operator.ts";
import type { EventLog } from "../run/event-log.ts";
import { lineProgress } from "../run/progress.ts";
import { untilStopped } from "../run/stop-signals.ts";
import { type Machine, makeOverlay, startMachine } from "../vm/machine.ts";
import { lan } from "../vm/networks.ts";
import { usualMachine } from "../vm/usual-machine.ts";
import { startPlatformProcess } from "./platform-process.ts";
import { openRelay, type Relay } from "./relay.ts";
import { UnspentCode } from "./unspent-code.ts";
import { visitConsole } from "./visit.ts";

/**
 * `npm start -- --vm`: the image's disk in QEMU, its serial console in this terminal, a platform on
 * this machine.
 */
export async function startVm(log: EventLog): Promise<number> {
  const { stdout } = process;
  const progress = lineProgress(stdout);
  const stops: (() => Promise<void>)[] = [];
  const exitCode = await untilStopped(log, async () => {
    const { disk, boot } = await buildApplianceDisk(new BuildCache(cacheFolder()), progress);
    const accelerator = await progress.step("Finding out whether KVM runs a guest here", () =>
      probeAccelerator(boot.kernel),
    );
    const platform = await startPlatformProcess(lan.host, `${lan.host}/32`);
    stops.push(() => platform.stop());
    const folder = await mkdtemp(join(tmpdir(), "outrider-start-"));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const overlay = await makeOverlay(join(folder, "disk.qcow2"), {
      path: disk.path,
      format: "raw",
    });
    let machine: Machine<Relay> | undefined;
    const switchOn = async () => {
      await machine?.close();
      machine = await startMachine(usualMachine(overlay, accelerator), openRelay);
      return machine.serial;
    };
    stops.push(async () => machine?.close());
    const codes = new UnspentCode(new Operator(platform), "npm start -- --vm");
    const slow = accelerator === "kvm" ? "" : " (emulated: it takes some minutes to start)";
    const stage = {
      facts: {
        title: `Outrider runs in a virtual machine${slow}:`,
        pageUrl: platform.pageUrl,
        token: platform.token,
        platformUrl: platform.url,
        targets: "192.0.2.1: this machine's loopback, as the virtual machine sees it",
      },
      code: () => codes.get(),
      console: await switchOn(),
      endOf: machineEnd,
      switchOn,
      kept: "Its disk is still there.",
      // A serial line has no size that could be told: the console asks the window itself.
      hasFooter: false,
    };
    await visitConsole(stage, log);
  });
  for (const stop of stops.reverse()) await stop();
  stdout.write("Everything that was started has been stopped.\n");
  return exitCode;
}
