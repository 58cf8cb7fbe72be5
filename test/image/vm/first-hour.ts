import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { applyOnTrial, enrolAtConsole, goHome, keepTrial, reviewStaticAddress, seen } from "../../../image/lab/console-keys.ts";
import { Operator } from "../../../image/lab/operator.ts";
import { firmwareFile } from "../../../image/vm/arguments.ts";
import { type Machine, type MachineWish, readText, startMachine } from "../../../image/vm/machine.ts";
import { startMachinePlatform } from "../../../image/vm/platform.ts";
import { encodePng } from "../../../image/vm/screenshot.ts";
import { openTerminal, type Terminal } from "../../testkit/terminal.ts";
import { builtOva, dist, takeOutDisk } from "../built/ova-disk.ts";
import { missingTool } from "../tools.ts";

/** Pictures of the machine's screen, for docs/ and for whoever looks into a failure. */
const pictures = join(dist, "pictures");
/** Emulated, on a busy machine of two cores, a start takes minutes. */
const bootTimeoutMs = 600_000;

/** Why the tests of the built image do not run here. */
export function whyNotHere(firmware: MachineWish["firmware"]): string | undefined {
  if (process.env.OUTRIDER_VM_TESTS !== "1") return "these run by npm run test:image";
  return (
    missingTool("qemu-system-x86_64", "qemu-system-x86") ??
    missingTool("tesseract", "tesseract-ocr") ??
    (firmware === "uefi" && firmwareFile() === undefined ? "the Debian package ovmf is not installed" : undefined)
  );
}

const lan = { network: "192.0.2.0/24", host: "192.0.2.1", firstLease: "192.0.2.50" };
const wan = { network: "198.51.100.0/24", host: "198.51.100.1", firstLease: "198.51.100.50" };

export interface Hardware {
  firmware: MachineWish["firmware"];
  controller: MachineWish["disk"]["controller"];
  card: MachineWish["cards"][number]["model"];
}

/** From power on to power off: console on both terminals, a static address by keys, enrolment, heartbeat. */
export async function firstHour(t: ExecutionContext, { firmware, controller, card }: Hardware): Promise<void> {
  t.timeout(40 * 60_000);
  const folder = await mkdtemp(join(tmpdir(), "outrider-image-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const ova = builtOva();
  if (ova === undefined) throw new Error("dist/ has no OVA: run npm run ova first");
  const basePath = await takeOutDisk(ova, folder);
  const platform = await startMachinePlatform(lan.host);
  t.teardown(() => platform.stop());
  const operator = new Operator(platform);
  const startedMs = performance.now();
  const since = () => `${((performance.now() - startedMs) / 1000).toFixed(0)} s`;
  const machine = await startMachine(
    {
      firmware,
      disk: { basePath, baseFormat: "vmdk", controller },
      cards: [
        { model: card, ...lan },
        { model: card, ...wan },
      ],
      accelerator: process.env.OUTRIDER_VM_ACCELERATOR === "kvm" ? "kvm" : "tcg",
    },
    // vt220 is what the appliance takes a serial line for.
    ([command, ...args]) => openTerminal({ command, args, term: "vt220" }),
  );
  t.teardown(() => machine.close());
  const { serial } = machine;
  await mkdir(pictures, { recursive: true });
  // Such a run takes minutes: whoever waits, or looks into a failure, finds the steps and the last screen here.
  const journal = join(pictures, `steps-${firmware}.txt`);
  await writeFile(journal, "");
  const step = async (what: string) => {
    t.log(`${what} after ${since()}`);
    await appendFile(journal, `${what} after ${since()}\n${serial.screen().join("\n")}\n`);
  };

  await serial.waitFor("Outrider - ", { timeoutMs: bootTimeoutMs, what: "the console on the serial port" });
  await step("console on the serial port");
  await serial.waitFor(/192\.0\.2\.5\d\/24/, { timeoutMs: bootTimeoutMs, what: "an address by DHCP" });
  await step("address by DHCP");

  await machine.press("f10");
  const onScreen = await waitForScreen(machine, /enrolled/i);
  t.regex(onScreen, /Not enrolled/i);
  await step("console on the screen");
  await writeFile(join(pictures, `console-${firmware}.png`), encodePng(await machine.picture()));
  // Nothing of the kernel's or systemd's over the console.
  t.false(/\[ *\d+\.\d+\]|systemd\[|login:/.test(serial.screen().join("\n")), serial.screen().join("\n"));

  await reviewStaticAddress(serial, { address: "192.0.2.99/24", gateway: lan.host, dns: lan.host });
  await applyOnTrial(serial);
  await keepTrial(serial);
  await step("static address kept");
  const { code } = await operator.makeActivationCode("the image's test");
  await enrolAtConsole(serial, platform.url, code);
  const appliance = await operator.waitForAppliance(({ heartbeatAt }) => heartbeatAt !== null, "the first heartbeat", bootTimeoutMs);
  await step("heartbeat");
  const { heartbeat } = await operator.appliance(appliance.id);
  // The partition has 512 MiB when it ships; the disk has 32 GiB.
  t.true((heartbeat?.health.dataAvailableBytes ?? 0) > 16 * 2 ** 30, `${heartbeat?.health.dataAvailableBytes} bytes available on /data`);

  await goHome(serial);
  const home = (await serial.waitFor("192.0.2.99/24", { timeoutMs: 60_000 })).join("\n");
  t.regex(home, /52:54:00:00:00:01/i);
  t.regex(home, /52:54:00:00:00:02/i);

  await serial.press("5");
  await seen(serial, "power.poweroff");
  await serial.press("down", "enter");
  await seen(serial, "power.confirmPoweroff");
  await serial.press("left", "enter");
  const exit = await serial.exit;
  t.is(exit.exitCode, 0);
  await step("switched off");
}

async function waitForScreen(machine: Machine<Terminal>, wanted: RegExp): Promise<string> {
  const deadlineMs = performance.now() + 120_000;
  for (;;) {
    const text = await readText(await machine.picture());
    if (wanted.test(text) || performance.now() > deadlineMs) return text;
  }
}
