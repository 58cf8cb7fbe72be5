import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import {
  applyOnTrial,
  enrolAtConsole,
  goHome,
  keepTrial,
  reviewStaticAddress,
  seen,
} from "../../../image/lab/console-keys.ts";
import { lan } from "../../../image/vm/networks.ts";
import { encodePng } from "../../../image/vm/screenshot.ts";
import { dist } from "../built/ova-disk.ts";
import {
  bootTimeoutMs,
  type Hardware,
  screenTimeoutMs,
  startTimeoutMs,
  unpackBox,
  waitForAll,
  waitForConsole,
} from "./box.ts";
import { RunRecord } from "./run-record.ts";
import { waitForScreen } from "./screen.ts";

/**
 * Messages of systemd and the kernel on a console: kernel lines with a time stamp, about the
 * interrupt below, and at power-off.
 */
const othersWords =
  /(systemd\[|login:|\[ *\d+\.\d{6}\]|NMI received|Dazed and confused|Power down).{0,200}/s;

/**
 * From power on to power off: console on both terminals, a static address by keys, enrolment,
 * heartbeat.
 */
export async function firstHour(
  t: ExecutionContext,
  title: string,
  hardware: Hardware,
): Promise<void> {
  t.timeout(60 * 60_000);
  const record = await RunRecord.begin(t, hardware.firmware, title);
  const { platform, operator, powerOn } = await unpackBox(t, hardware);
  record.poweredOn();
  const machine = await powerOn();
  const { serial } = machine;
  const step = (what: string) => record.step(what, serial.screen());

  await waitForConsole(machine);
  await step("console on the serial port");
  await serial.waitFor(/192\.0\.2\.5\d\/24/, {
    timeoutMs: startTimeoutMs,
    what: "an address by DHCP",
  });
  await step("address by DHCP");

  await machine.press("f10");
  t.regex(await waitForScreen(machine, /enrolled/i), /Not enrolled/i);
  await step("console on the screen");
  const pictures = join(dist, "pictures");
  await mkdir(pictures, { recursive: true });
  await writeFile(
    join(pictures, `console-${hardware.firmware}.png`),
    encodePng(await machine.picture()),
  );

  // The kernel reports this one as an emergency, which is its highest level.
  await machine.interrupt();
  await reviewStaticAddress(serial, { address: "192.0.2.99/24", gateway: lan.host, dns: lan.host });
  const screenText = await waitForScreen(machine, /enrolled/i);
  t.false(/NMI|Dazed/.test(screenText), screenText);
  await applyOnTrial(serial);
  await keepTrial(serial);
  await step("static address kept");
  const { code } = await operator.makeActivationCode("the image's test");
  await enrolAtConsole(serial, platform.url, code);
  const appliance = await operator.waitForAppliance(
    ({ heartbeatAt }) => heartbeatAt !== null,
    "the first heartbeat",
    bootTimeoutMs,
  );
  await step("heartbeat");
  const { heartbeat } = await operator.appliance(appliance.id);
  // The partition has 512 MiB when it ships; the disk has 32 GiB.
  t.true(
    (heartbeat?.health.dataAvailableBytes ?? 0) > 16 * 2 ** 30,
    `${heartbeat?.health.dataAvailableBytes} bytes available on /data`,
  );

  await goHome(serial);
  // The card that is LAN is the first one of the machine.
  await waitForAll(
    machine,
    [/192\.0\.2\.99\/24/, /LAN +.*(\n.*)?52:54:00:00:00:01/i, /52:54:00:00:00:02/i],
    screenTimeoutMs,
  );

  await serial.press("5");
  await seen(serial, "power.poweroff", screenTimeoutMs);
  await serial.press("down", "enter");
  await seen(serial, "power.confirmPoweroff", screenTimeoutMs);
  await serial.press("left", "enter");
  const exit = await serial.exit;
  t.is(exit.exitCode, 0);
  await step("switched off");
  t.is(othersWords.exec(serial.output())?.[0], undefined);
  await record.end();
}
