import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import test from "ava";
import { en } from "../../../console/words/en.ts";
import type { MessageKey } from "../../../console/words/words.ts";
import {
  applyOnTrial,
  keepTrial,
  openFromMore,
  seen,
  submitForReview,
} from "../../../image/lab/console-keys.ts";
import type { Terminal } from "../../../image/terminal/terminal.ts";
import { missingTool, titled } from "../../testkit/image/tools.ts";
import { makeTestAuthority } from "../../testkit/proxies/certificates.ts";
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
import { makeStick } from "./sticks.ts";

/** The bundle has the checks in it, and an emulated machine takes its time for them. */
const bundleTimeoutMs = 90_000;

/** The stick in a list, chosen. */
const onStick = /> FIELDKIT +sd[a-z]1 vfat/;

const missing = whyNotHere("bios") ?? missingTool("mformat", "mtools");
(missing ? test.skip : test)(
  titled(
    "a USB stick brings a certificate, which is kept, and takes a support bundle away, which is whole when the stick is pulled out",
    missing,
  ),
  async (t) => {
    t.timeout(60 * 60_000);
    const record = await RunRecord.begin(
      t,
      "usb",
      "USB stick: a certificate in, a support bundle out",
    );
    const { folder, powerOn } = await unpackBox(t, {
      firmware: "bios",
      controller: "virtio-scsi-pci",
      card: "virtio-net-pci",
    });
    const { certificate } = await makeTestAuthority("Inspection on a Stick");
    const stick = await makeStick(folder, "FIELDKIT", {
      "Company certificates/Inspection CA.pem": certificate,
      "Company certificates/read me.txt": "Ask the network team.\n",
      "holiday.jpg": "no certificate either",
    });
    record.poweredOn();
    const machine = await powerOn();
    const { serial } = machine;
    const step = (what: string) => record.step(what, serial.screen());
    const heard = (key: MessageKey) => seen(serial, key, screenTimeoutMs);

    await waitForConsole(machine);
    await serial.waitFor(/192\.0\.2\.5\d\/24/, {
      timeoutMs: startTimeoutMs,
      what: "an address by DHCP",
    });
    await openFromMore(serial, "menu.certificates", "certificates.title");
    await heard("certificates.none");
    await serial.press("f4");
    await heard("volumes.none");
    await step("there is no stick, and nothing of the appliance's own disk is offered");
    await serial.press("escape");
    await heard("certificates.none");

    const pullOut = await machine.plugIn(stick.path);
    await until(serial, ["f4"], onStick, new RegExp(en["volumes.none"].slice(0, 30)), ["escape"]);
    await serial.press("enter");
    await heard("certificates.fileIntro");
    await waitForAll(machine, [/> Company certificates\/Inspection CA\.pem/], screenTimeoutMs);
    t.notRegex(serial.screen().join("\n"), /read me|holiday/);
    await step("the stick's certificate is found");
    await serial.press("enter");
    await waitForAll(machine, [/> Inspection on a Stick/], screenTimeoutMs);
    await submitForReview(serial);
    await applyOnTrial(serial);
    await keepTrial(serial);
    await openFromMore(serial, "menu.certificates", "certificates.title");
    await waitForAll(machine, [/> Inspection on a Stick/], screenTimeoutMs);
    await step("the certificate is kept");

    await openFromMore(serial, "menu.support", "support.title");
    await serial.waitFor(onStick, { timeoutMs: screenTimeoutMs, what: "the stick" });
    await serial.press("f2");
    await heard("support.writing");
    await seen(serial, "support.written", bundleTimeoutMs);
    await step("the support bundle is written");

    await pullOut();
    await until(serial, ["f5"], new RegExp(en["support.noVolume"].slice(0, 30)), onStick);
    const written = (await stick.files()).filter((name) => name.endsWith(".tar.gz"));
    t.is(written.length, 1, written.join());
    const [name = ""] = written;
    t.regex(name, /^\/outrider-support-\d{8}T\d{4}\.tar\.gz$/);
    const bundle = (await promisify(gunzip)(await stick.read(name))).toString("utf8");
    for (const file of ["status.json", "netplan.yaml", "checks.json", "journal.txt"])
      t.true(bundle.includes(`outrider-support/${file}`), file);
    t.true(
      bundle.includes(JSON.stringify(certificate.trim()).slice(1, -1)),
      "the settings in the bundle have the certificate",
    );
    t.regex(bundle, /outrider-configd/, "the journal is in the bundle");
    await step("the stick is pulled out, and the bundle on it is whole");
    t.notRegex(serial.output(), /\ufffd/);
    await record.end();
  },
);

/**
 * Opens the screen until it is as wanted, and goes back each time: the machine needs some time to
 * notice a stick.
 */
async function until(
  serial: Terminal,
  look: readonly string[],
  wanted: RegExp,
  notYet: RegExp,
  back: readonly string[] = [],
): Promise<void> {
  const deadlineMs = performance.now() + bootTimeoutMs;
  for (;;) {
    await serial.press(...look);
    const rows = await serial.waitFor(
      (now) => [wanted, notYet].some((each) => each.test(now.join("\n"))),
      {
        timeoutMs: screenTimeoutMs,
        what: `${wanted} or ${notYet}`,
      },
    );
    if (wanted.test(rows.join("\n"))) return;
    if (performance.now() > deadlineMs) throw new Error(`not seen: ${wanted}:\n${rows.join("\n")}`);
    await serial.press(...back);
  }
}
