import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { Operator } from "../../../image/lab/operator.ts";
import {
  type PlatformProcess,
  startPlatformProcess,
} from "../../../image/start/platform-process.ts";
import { openTerminal, type Terminal } from "../../../image/terminal/terminal.ts";
import { firmwareFile, type MachineDisk, type NetworkCard } from "../../../image/vm/arguments.ts";
import {
  type Machine,
  type MachineRequest,
  makeOverlay,
  startMachine,
} from "../../../image/vm/machine.ts";
import { lan, wan } from "../../../image/vm/networks.ts";
import { screenFontFile } from "../../../image/vm/screen-text.ts";
import { missingFile, missingTool } from "../../testkit/image/tools.ts";
import { builtOva, takeOutDisk, whyNotBuilt } from "../built/ova-disk.ts";

/**
 * Emulated, on a busy machine of two cores, everything takes that many times as long as the
 * console's keys were written for.
 */
const patience = 10;
/** For what is seen at the console, where patience is added: a screen, and what a start brings. */
export const screenTimeoutMs = 30_000;
export const startTimeoutMs = 90_000;
/** For what is seen elsewhere. */
export const bootTimeoutMs = startTimeoutMs * patience;

/** Why the tests of the built image do not run here. */
export function whyNotHere(firmware: MachineRequest["firmware"] = "bios"): string | undefined {
  return (
    whyNotBuilt() ??
    missingTool("qemu-system-x86_64", "qemu-system-x86") ??
    missingFile(screenFontFile, "the font of QEMU's card (Debian package seabios)") ??
    (firmware === "uefi" && firmwareFile() === undefined
      ? "the Debian package ovmf is not installed"
      : undefined)
  );
}

export interface Hardware {
  firmware: MachineRequest["firmware"];
  controller: MachineDisk["controller"];
  card: NetworkCard["model"];
  /** What was flushed outlives a power cut. */
  durableDisk?: boolean;
}

/** The OVA's disk in a machine that can be switched on and off, and a platform on this machine. */
export interface Box {
  platform: PlatformProcess;
  operator: Operator;
  /** Goes when the test ends. */
  folder: string;
  /** A new disk of the OVA's content, for another machine. */
  newDisk(name: string): Promise<MachineDisk>;
  /** `more` is what this machine has besides, or instead. */
  powerOn(more?: Partial<MachineRequest>): Promise<Machine<Terminal>>;
}

export async function unpackBox(
  t: ExecutionContext,
  { firmware, controller, card, durableDisk = false }: Hardware,
): Promise<Box> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-image-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const ova = builtOva();
  if (ova === undefined) throw new Error("dist/ has no OVA: run npm run ova first");
  const content = await takeOutDisk(ova, folder);
  const newDisk = async (name: string): Promise<MachineDisk> => {
    const path = await makeOverlay(join(folder, `${name}.qcow2`), {
      path: content,
      format: "vmdk",
    });
    return { path, format: "qcow2", controller, durable: durableDisk };
  };
  const disk = await newDisk("disk");
  const platform = await startPlatformProcess(lan.host, `${lan.host}/32`);
  t.teardown(() => platform.stop());
  return {
    platform,
    operator: new Operator(platform),
    folder,
    newDisk,
    async powerOn(more = {}) {
      const machine = await startMachine(
        {
          firmware,
          disk,
          cards: [
            { model: card, ...lan },
            { model: card, ...wan },
          ],
          accelerator: process.env.OUTRIDER_VM_ACCELERATOR === "kvm" ? "kvm" : "tcg",
          ...more,
        },
        // vt220 is what the appliance takes a serial line for.
        ([command, ...args]) =>
          patient(
            openTerminal({ command, args, term: "vt220" }),
            more.lineSpeed === undefined ? silenceMs : slowSilenceMs,
          ),
      );
      t.teardown(async () => {
        if (!t.passed) t.log(`The last screen:\n${machine.serial.screen().join("\n")}`);
        await machine.close();
      });
      return machine;
    },
  };
}

/** A serial line paints a screen in pieces. When nothing has come for so long, it is whole. */
const silenceMs = 700;
/**
 * On a line with a speed of its own, when the machine that emulates it all is busy, a screen comes
 * in longer fits and starts.
 */
const slowSilenceMs = 2500;
/** A screen that never stands still is taken as it is. */
const mostPieces = 20;

/** What presses keys for the lab waits for an emulated machine too, and for whole screens. */
function patient(terminal: Terminal, silentMs: number): Terminal {
  return {
    ...terminal,
    async waitFor(wanted, { timeoutMs = 20_000, ...options } = {}) {
      const deadlineMs = performance.now() + timeoutMs * patience;
      for (let pieces = 1; ; pieces++) {
        const found = await terminal.waitFor(wanted, {
          ...options,
          timeoutMs: Math.max(1, deadlineMs - performance.now()),
        });
        const text = found.join("\n");
        const more = await terminal
          .waitFor((rows) => rows.join("\n") !== text, { timeoutMs: silentMs })
          .then(
            () => true,
            () => false,
          );
        if (!more || pieces === mostPieces) return found;
      }
    },
  };
}

/** The console's first screen, on the serial port. */
export async function waitForConsole({ serial }: Machine<Terminal>): Promise<void> {
  await serial.waitFor("Outrider - ", {
    timeoutMs: startTimeoutMs,
    what: "the console on the serial port",
  });
}

/**
 * All of them on the screen at once: a serial line paints a screen row by row, so one may be there
 * long before the other.
 */
export async function waitForAll(
  { serial }: Machine<Terminal>,
  wanted: readonly RegExp[],
  timeoutMs: number,
): Promise<string> {
  const found = await serial.waitFor(
    (rows) => wanted.every((pattern) => pattern.test(rows.join("\n"))),
    { timeoutMs, what: wanted.join(" and ") },
  );
  return found.join("\n");
}
