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
 * Under emulation on a busy machine of two cores everything takes this many times as long as the
 * time limits of the console's keys assume.
 */
const patience = 10;
/** For waits at the console, which `patience` multiplies: a screen, and the output of a start. */
export const screenTimeoutMs = 30_000;
export const startTimeoutMs = 90_000;
/** For waits that do not use the console. */
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
  /** Flushed data survives a power cut. */
  durableDisk?: boolean;
}

/** The OVA's disk in a machine that can be switched on and off, and a platform on this machine. */
export interface Box {
  platform: PlatformProcess;
  operator: Operator;
  /** Removed when the test ends. */
  folder: string;
  /** A new disk of the OVA's content, for another machine. */
  newDisk(name: string): Promise<MachineDisk>;
  /** `more` adds to the machine's options or replaces them. */
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
        // The appliance uses TERM=vt220 on a serial line.
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

/** A serial line paints a screen in pieces. After this much silence the screen is whole. */
const silenceMs = 700;
/** On a line with a limited speed and a busy host, the pauses within a screen are longer. */
const slowSilenceMs = 2500;
/** A screen that keeps changing is taken as it is after this many pieces. */
const mostPieces = 20;

/** A terminal for the lab's key functions: it waits longer, and for whole screens. */
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
 * Waits until all texts are on the screen at once: a serial line paints a screen row by row, so one
 * may be there long before the other.
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
