import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { firmwareFile, type MachineOptions, machineArguments } from "./arguments.ts";
import { Qmp } from "./qmp.ts";
import { type Picture, parsePpm } from "./screenshot.ts";

export interface MachineConsole {
  exit: Promise<{ exitCode: number }>;
}

/** A virtual machine; `serial` is the terminal on its first serial port. */
export interface Machine<C> {
  serial: C;
  /** The machine's own screen. */
  picture(): Promise<Picture>;
  /** Keys as QEMU names them, as "ret" or "ctrl-alt-delete", on the machine's keyboard. */
  press(...keys: string[]): Promise<void>;
  /**
   * Injects a non-maskable interrupt. The kernel does not expect it and reports it at its highest
   * log level.
   */
  interrupt(): Promise<void>;
  /**
   * Plugs in a USB stick with the content of that file. The returned function pulls the stick out
   * at once.
   */
  plugIn(path: string): Promise<() => Promise<void>>;
  /**
   * The processor time that QEMU has used on this host since its start. For an emulated machine it
   * measures the work done, independent of the host's other load.
   */
  processorSeconds(): Promise<number>;
  /** The power fails: QEMU is killed (SIGKILL) at once. */
  cutPower(): Promise<void>;
  /** Ends it, and removes what it left beside its disk. */
  close(): Promise<void>;
}

export type MachineRequest = Omit<MachineOptions, "qmpPath" | "pidPath" | "serial"> & {
  /** Bits per second of the serial line, in both directions; absent, there is no limit. */
  lineSpeed?: number;
};

/** Makes the disk of one machine: an overlay, so that the base disk is never written to. */
export async function makeOverlay(
  path: string,
  base: { path: string; format: "raw" | "vmdk" | "qcow2" },
): Promise<string> {
  await execa("qemu-img", [
    "create",
    "-q",
    "-f",
    "qcow2",
    "-b",
    base.path,
    "-F",
    base.format,
    path,
  ]);
  return path;
}

const slowLine = fileURLToPath(new URL("slow-line.ts", import.meta.url));

/**
 * `openConsole` runs the command on a terminal: QEMU's standard input and output are the serial
 * port.
 */
export async function startMachine<C extends MachineConsole>(
  request: MachineRequest,
  openConsole: (command: readonly [string, ...string[]]) => C,
): Promise<Machine<C>> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-vm-"));
  const qmpPath = join(folder, "qmp");
  const pidPath = join(folder, "pid");
  const serialPath = join(folder, "serial");
  const variablesPath = join(folder, "variables.fd");
  const firmware = firmwareFile();
  if (request.firmware === "uefi" && firmware !== undefined)
    await copyFile(firmware.variables, variablesPath);
  const options: MachineOptions = {
    ...request,
    variablesPath,
    qmpPath,
    pidPath,
    serial: request.lineSpeed === undefined ? "terminal" : { socket: serialPath },
  };
  // QEMU ends with this process, also when that is killed.
  const command = [
    "setpriv",
    "--pdeathsig",
    "KILL",
    "--",
    "qemu-system-x86_64",
    ...machineArguments(options),
  ] as const;
  const serial = openConsole(
    request.lineSpeed === undefined
      ? command
      : [process.execPath, slowLine, String(request.lineSpeed), serialPath, ...command],
  );
  const qmp = await connect(qmpPath, serial);
  let sticks = 0;
  return {
    serial,
    async picture() {
      const path = join(folder, "screen.ppm");
      await qmp.execute("screendump", { filename: path });
      return parsePpm(await readFile(path));
    },
    async press(...keys) {
      for (const key of keys)
        await qmp.execute("send-key", {
          keys: key.split("-").map((part) => ({ type: "qcode", data: part })),
        });
    },
    async interrupt() {
      await qmp.execute("inject-nmi");
    },
    async plugIn(path) {
      sticks += 1;
      const id = `stick${sticks}`;
      await qmp.execute("blockdev-add", {
        driver: "raw",
        "node-name": `${id}-content`,
        file: { driver: "file", filename: path },
      });
      await qmp.execute("device_add", {
        driver: "usb-storage",
        id,
        drive: `${id}-content`,
        removable: true,
      });
      // QEMU releases the content some time after the stick, so it keeps it until the machine ends.
      return async () => void (await qmp.execute("device_del", { id }));
    },
    async processorSeconds() {
      const stat = await readFile(
        `/proc/${(await readFile(pidPath, "utf8")).trim()}/stat`,
        "latin1",
      );
      // proc_pid_stat(5): fields 14 and 15, in ticks; the second field may have spaces in it.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    },
    async cutPower() {
      process.kill(Number(await readFile(pidPath, "utf8")), "SIGKILL");
      await serial.exit;
    },
    async close() {
      await qmp.execute("quit").catch(() => undefined);
      await serial.exit;
      qmp.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** USER_HZ, which is 100 on every x86-64. */
const ticksPerSecond = 100;
const connectTries = 100;

async function connect(path: string, serial: MachineConsole): Promise<Qmp> {
  for (let tries = 1; ; tries++) {
    try {
      return await Qmp.connect(path);
    } catch (error) {
      const ended = await Promise.race([serial.exit, delay(100, undefined)]);
      if (ended || tries === connectTries) throw new Error("QEMU did not start", { cause: error });
    }
  }
}
