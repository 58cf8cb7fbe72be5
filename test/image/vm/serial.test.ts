import test, { type ExecutionContext } from "ava";
import { en } from "../../../console/words/en.ts";
import type { MessageKey } from "../../../console/words/words.ts";
import {
  applyOnTrial,
  chooseOption,
  enrolAtConsole,
  fillField,
  focusField,
  goHome,
  keepTrial,
  seen,
} from "../../../image/lab/console-keys.ts";
import { Operator } from "../../../image/lab/operator.ts";
import { startPlatformProcess } from "../../../image/start/platform-process.ts";
import type { Terminal } from "../../../image/terminal/terminal.ts";
import type { Machine } from "../../../image/vm/machine.ts";
import { lan, wan } from "../../../image/vm/networks.ts";
import { titled } from "../../testkit/image/tools.ts";
import {
  bootTimeoutMs,
  screenTimeoutMs,
  startTimeoutMs,
  unpackBox,
  waitForAll,
  waitForConsole,
  whyNotHere,
} from "./box.ts";
import { RunRecord } from "./run-record.ts";

/**
 * As many characters as a host name may have: a whole screen row of keys, each as soon as the line
 * can carry it.
 */
const longName = "a-scanner-whose-name-is-typed-faster-than-the-screen-is-painted";

const missing = whyNotHere("bios");
(missing ? test.skip : test)(
  titled(
    "on a serial line of 9600 baud, a byte at a time, the appliance is enrolled by DHCP, gets a static address, and then a second network",
    missing,
  ),
  async (t) => {
    t.timeout(90 * 60_000);
    const record = await RunRecord.begin(t, "serial", "Serial line of 9600 baud, virtio");
    const { platform, operator, powerOn } = await unpackBox(t, {
      firmware: "bios",
      controller: "virtio-scsi-pci",
      card: "virtio-net-pci",
    });
    const wanPlatform = await startPlatformProcess(wan.host, `${wan.host}/32`);
    t.teardown(() => wanPlatform.stop());
    record.poweredOn();
    const machine = await powerOn({ lineSpeed: 9600 });
    const { serial } = machine;
    const step = (what: string) => record.step(what, serial.screen());

    await waitForConsole(machine);
    await serial.waitFor(/192\.0\.2\.5\d\/24/, {
      timeoutMs: startTimeoutMs,
      what: "an address by DHCP",
    });
    await step("address by DHCP");
    await enrolAtConsole(
      serial,
      platform.url,
      (await operator.makeActivationCode("the serial line")).code,
    );
    const { id } = await operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
      bootTimeoutMs,
    );
    await step("first set-up: enrolled over an address by DHCP");
    await goHome(serial);
    await waitForAll(machine, [/Connected to/, /192\.0\.2\.5\d\/24/], screenTimeoutMs);

    await openNetwork(serial);
    await focusField(serial, "label.hostname");
    await serial.press("end", "ctrl-u");
    await serial.type(longName);
    // The field shows half of it, that with the cursor.
    await serial.waitFor(longName.slice(32), {
      timeoutMs: screenTimeoutMs,
      what: "the end of the long name",
    });
    await serial.press("home");
    await serial.waitFor(longName.slice(0, 32), {
      timeoutMs: screenTimeoutMs,
      what: "the beginning of the long name",
    });
    await fillField(serial, "label.hostname", "outrider");
    await focusField(serial, "label.ipv4.method");
    await chooseOption(serial, en["choice.ipv4.method.static"]);
    await fillField(serial, "label.ipv4.address", "192.0.2.399/24");
    await serial.waitFor("192.0.2.399 is not an IPv4 address", { what: "the error at the field" });
    await serial.press("shift-tab", "left", "left", "left", "backspace");
    await serial.waitFor(/> Address and mask +\[192\.0\.2\.39\/24 /, {
      timeoutMs: screenTimeoutMs,
      what: "the corrected address",
    });
    await fillField(serial, "label.ipv4.gateway", lan.host);
    t.notRegex(serial.screen().join("\n"), /is not an IPv4 address/);
    await fillField(serial, "label.dns.servers", lan.host);
    await isWhole(t, machine, "label.dns.search");
    await step("static address typed, its error corrected");
    await review(serial);
    await waitForAll(
      machine,
      [/192\.0\.2\.39\/24/, new RegExp(lan.host.replaceAll(".", "\\."))],
      screenTimeoutMs,
    );
    t.notRegex(serial.screen().join("\n"), /Host name/);
    await applyOnTrial(serial);
    await keepTrial(serial);
    await step("static address kept");
    await goHome(serial);
    await waitForAll(machine, [/LAN +.*192\.0\.2\.39\/24 \(static\)/], screenTimeoutMs);

    // This platform is behind the other network, and is found when there is a card for it.
    await enrolAtConsole(
      serial,
      wanPlatform.url,
      (await new Operator(wanPlatform).makeActivationCode("the second card")).code,
    );
    await openNetwork(serial);
    await focusField(serial, "label.network.mode");
    await chooseOption(serial, en["choice.network.mode.split"]);
    await seen(serial, "network.sectionWan", screenTimeoutMs);
    await review(serial);
    await applyOnTrial(serial);
    await keepTrial(serial);
    await goHome(serial);
    await waitForAll(
      machine,
      [/LAN +.*192\.0\.2\.39\/24/, /WAN +[\s\S]*198\.51\.100\.5\d\/24/],
      startTimeoutMs,
    );
    await step("split mode kept");
    const second = await new Operator(wanPlatform).waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "a heartbeat through the WAN",
      bootTimeoutMs,
    );
    t.truthy(second.id);
    t.truthy(id);
    await goHome(serial);
    await waitForAll(machine, [/Connected to/], screenTimeoutMs);
    await step("split mode: heartbeat through the WAN");
    await openNetwork(serial);
    await seen(serial, "network.sectionWan", screenTimeoutMs);
    await isWhole(t, machine, "label.dns.search");
    t.notRegex(serial.output(), /\ufffd/);
    await record.end();
  },
);

async function openNetwork(serial: Terminal): Promise<void> {
  await goHome(serial);
  await serial.press("1");
  await serial.waitFor(`${en.product} - ${en["network.title"]}`);
}

async function review(serial: Terminal): Promise<void> {
  await serial.press("f2");
  await serial.waitFor(en["review.apply"], { what: "the review with its button" });
}

/**
 * A screen painted piece by piece must equal the same screen painted as a whole; only times may
 * differ.
 */
async function isWhole(
  t: ExecutionContext,
  { serial }: Machine<Terminal>,
  field: MessageKey,
): Promise<void> {
  const timeless = (rows: readonly string[]) =>
    rows
      .join("\n")
      .replace(/\d+(?:[.:]\d+)*/g, "0")
      .replace(/ +/g, " ");
  const typed = () =>
    (serial.screen().find((row) => row.startsWith(" > ")) ?? "").split("[")[1]?.includes("x");
  await focusField(serial, field);
  // Once it is seen, everything painted before it has arrived.
  await serial.press("x");
  await serial.waitFor(() => typed() === true, {
    timeoutMs: screenTimeoutMs,
    what: "what is typed",
  });
  await serial.press("backspace");
  await serial.waitFor(() => typed() === false, {
    timeoutMs: screenTimeoutMs,
    what: "what was typed is removed",
  });
  const before = timeless(serial.screen());
  const bytesBefore = serial.output().length;
  await serial.press("ctrl-l");
  // Painted whole: more than any change of a line is.
  const after = await serial.waitFor(
    (rows) => serial.output().length > bytesBefore + 500 && timeless(rows) === before,
    {
      timeoutMs: screenTimeoutMs,
      what: `the screen painted anew, as it was:\n${before}\n`,
    },
  );
  t.is(timeless(after), before);
}
