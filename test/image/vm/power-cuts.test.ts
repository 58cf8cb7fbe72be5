import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import test from "ava";
import {
  applyOnTrial,
  enrolAtConsole,
  goHome,
  keepTrial,
  reviewStaticAddress,
} from "../../../image/lab/console-keys.ts";
import { poll } from "../../../image/lab/operator.ts";
import type { Terminal } from "../../../image/terminal/terminal.ts";
import type { Machine } from "../../../image/vm/machine.ts";
import { lan } from "../../../image/vm/networks.ts";
import { titled } from "../../testkit/image/tools.ts";
import {
  bootTimeoutMs,
  startTimeoutMs,
  unpackBox,
  waitForAll,
  waitForConsole,
  whyNotHere,
} from "./box.ts";
import { RunRecord } from "./run-record.ts";

const cuts = 5;
const seed = process.env.OUTRIDER_SEED ?? "1";

/** The same for the same seed; in [0, 1). */
function fraction(index: number): number {
  return createHash("sha256").update(`${seed} ${index}`).digest().readUInt32BE(0) / 2 ** 32;
}

const missing = whyNotHere("bios");
(missing ? test.skip : test)(
  titled(
    "a machine whose power fails while a setting is kept comes up with the old settings or the new ones, whole, and calls home",
    missing,
  ),
  async (t) => {
    t.timeout(90 * 60_000);
    t.log(`OUTRIDER_SEED=${seed}`);
    const record = await RunRecord.begin(
      t,
      "power-cuts",
      `Power cuts while a setting is kept (seed ${seed})`,
    );
    const { platform, operator, powerOn } = await unpackBox(t, {
      firmware: "bios",
      controller: "virtio-scsi-pci",
      card: "virtio-net-pci",
      durableDisk: true,
    });
    record.poweredOn();

    const first = await powerOn();
    await waitForConsole(first);
    let kept = "192.0.2.100/24";
    await tryStaticAddress(first, kept);
    const keepStartedMs = performance.now();
    await keepTrial(first.serial);
    const keepMs = performance.now() - keepStartedMs;
    const { code } = await operator.makeActivationCode("the image's power cuts");
    await enrolAtConsole(first.serial, platform.url, code);
    const { id } = await operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
      bootTimeoutMs,
    );
    await record.step(`set up; keeping took ${Math.round(keepMs)} ms`, first.serial.screen());

    let machine = first;
    for (let cut = 1; cut <= cuts; cut++) {
      const wanted = `192.0.2.${100 + cut}/24`;
      await tryStaticAddress(machine, wanted);
      // Spread over the time that keeping takes and a little more, one cut in each fifth of it.
      const afterMs = ((cut - 1 + fraction(cut)) / cuts) * keepMs * 1.2;
      await machine.serial.press("k");
      await delay(afterMs);
      await machine.cutPower();
      const { heartbeatAt: before } = await operator.appliance(id);

      machine = await powerOn();
      await waitForConsole(machine);
      await goHome(machine.serial);
      const home = await waitForAll(machine, [/LAN +.* 192\.0\.2\.\d+\/24/], startTimeoutMs);
      const now = /LAN +.* (192\.0\.2\.\d+\/24)/.exec(home)?.[1] ?? "";
      t.true([kept, wanted].includes(now), `${now} is neither ${kept} nor ${wanted}:\n${home}`);
      // Old or new, the settings are whole: the appliance keeps its identity and calls home.
      await machine.serial.press("c");
      await poll(
        async () => ((await operator.appliance(id)).heartbeatAt === before ? undefined : true),
        `a heartbeat after cut ${cut}; the screen was:\n${home}`,
        bootTimeoutMs,
      );
      await record.step(
        `cut ${cut}, ${Math.round(afterMs)} ms after the key: ${now === wanted ? "new" : "old"} settings, heartbeat`,
        machine.serial.screen(),
      );
      kept = now;
    }
    t.is((await operator.appliances()).length, 1);
    await record.end();
  },
);

async function tryStaticAddress(machine: Machine<Terminal>, address: string): Promise<void> {
  // The review needs the network card's state.
  await goHome(machine.serial);
  await waitForAll(machine, [/192\.0\.2\.\d+\/24/], startTimeoutMs);
  await reviewStaticAddress(machine.serial, { address, gateway: lan.host, dns: lan.host });
  await applyOnTrial(machine.serial);
}
