import test from "ava";
import { titled } from "../../testkit/image/tools.ts";
import { bootTimeoutMs, unpackBox, waitForConsole, whyNotHere } from "./box.ts";
import { RunRecord } from "./run-record.ts";
import { waitForScreen } from "./screen.ts";

/** The six keys right of Tab, by their US labels: QEMU names keys by position. */
const upperLeft = ["q", "w", "e", "r", "t", "y"];

/** A person presses a key again when it did nothing for this time. */
const lookMs = 10_000;

const missing = whyNotHere("bios");
(missing ? test.skip : test)(
  titled(
    "a new machine asks for its keyboard on its own screen, the keys are those of the layout at once, and after the next start too",
    missing,
  ),
  async (t) => {
    t.timeout(60 * 60_000);
    const record = await RunRecord.begin(t, "keyboard", "Keyboard at the machine's own screen");
    const { powerOn } = await unpackBox(t, {
      firmware: "bios",
      controller: "virtio-scsi-pci",
      card: "virtio-net-pci",
    });
    record.poweredOn();
    const machine = await powerOn();
    const says = async (wanted: RegExp, what: string) => {
      const text = await waitForScreen(machine, wanted);
      t.regex(text, wanted, what);
      await record.step(what, text.split("\n"));
    };

    await says(/This appliance is new/, "the question for the keyboard");
    await waitForConsole(machine);
    t.regex(machine.serial.screen().join("\n"), /Outrider - Home/, "the serial line is not asked");

    await machine.press("g");
    await says(/\(\*\) German \(de\)/, "German is chosen by its letter");
    await machine.press("ret");
    await says(/keyboard is now German/, "German is taken");
    await machine.press(...upperLeft);
    await says(/qwertz/i, "the keys are German");

    // Shift-Tab, which the kernel's own map does not distinguish from Tab.
    await machine.press("shift-tab");
    await says(/Up and Down choose/, "back at the list by Shift-Tab");
    await machine.press("up", "up");
    await says(/\(\*\) French \(fr\)/, "French is chosen");
    await machine.press("ret");
    await says(/keyboard is now French/, "French is taken");
    await machine.press(...upperLeft);
    await says(/azerty/i, "the keys are French");
    await machine.press("ret");
    await says(/Outrider - Home/, "Home");
    await machine.close();

    const again = await powerOn();
    const home = await waitForScreen(again, /Outrider - Home[\s\S]*Network/);
    t.notRegex(home, /This appliance is new/);
    await record.step("the second start asks nothing", home.split("\n"));
    // Digits are on the shifted keys of a French keyboard. While the machine starts,
    // neither the console nor the layout may be ready.
    let network = "";
    for (
      const deadlineMs = performance.now() + bootTimeoutMs;
      !/Outrider - Network/.test(network) && performance.now() < deadlineMs;
    ) {
      await again.press("shift-1");
      network = await waitForScreen(again, /Outrider - Network/, lookMs);
    }
    t.regex(network, /Outrider - Network/, "the keys are French from the start");
    await record.step("the layout is loaded at the second start", network.split("\n"));
    await record.end();
  },
);
