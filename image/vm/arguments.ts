import { existsSync } from "node:fs";
import type { Accelerator } from "../build/accelerator.ts";

/** QEMU's own little router, one for each card. */
export interface RouterNetwork {
  /** As 192.0.2.0/24. */
  network: string;
  /** The router's address there: this machine's loopback. */
  host: string;
  /** First address that DHCP gives. */
  firstLease: string;
}

/** A cable between the cards of two machines. The one that makes the socket is started first. */
export interface CableNetwork {
  cablePath: string;
  end: "makes" | "takes";
}

export type NetworkCard = {
  model: "e1000" | "virtio-net-pci" | "vmxnet3";
  macAddress?: string;
  /** Every frame of this card, both ways, goes to this file (pcap). */
  capturePath?: string;
} & (RouterNetwork | CableNetwork);

export interface MachineDisk {
  path: string;
  format: "qcow2" | "raw";
  controller: "virtio-scsi-pci" | "lsi53c895a" | "ahci" | "virtio-blk-pci";
  /**
   * Data that the guest has flushed survives a simulated power failure. Without this, QEMU skips
   * flushing, which is faster.
   */
  durable?: boolean;
}

export interface MachineOptions {
  firmware: "bios" | "uefi";
  disk: MachineDisk;
  cards: readonly NetworkCard[];
  accelerator: Accelerator;
  memoryMib?: number;
  /** systemd credentials in SMBIOS strings, by name. */
  credentials?: Readonly<Record<string, string>>;
  /** QEMU's fw_cfg, by name, as "opt/outrider/hostname". */
  firmwareConfiguration?: Readonly<Record<string, string>>;
  /** The manufacturer in SMBIOS; QEMU's own by default. */
  maker?: string;
  /** Images of the discs in its drives. */
  discs?: readonly string[];
  /** This machine's own copy of the firmware's variables; only for UEFI. */
  variablesPath?: string;
  /** The socket of the QEMU Machine Protocol. */
  qmpPath: string;
  /** The file for QEMU's process id. */
  pidPath: string;
  /**
   * The other end of the first serial port: this process's terminal, a file, or a socket; with a
   * socket QEMU waits for a connection.
   */
  serial: "terminal" | { file: string } | { socket: string };
}

/**
 * Debian's package ovmf, of release 12 or 13: the code, and the variables that a new machine starts
 * with.
 */
const firmwareFiles = ["_4M", ""].map((size) => ({
  code: `/usr/share/OVMF/OVMF_CODE${size}.fd`,
  variables: `/usr/share/OVMF/OVMF_VARS${size}.fd`,
}));

export function firmwareFile(): { code: string; variables: string } | undefined {
  return firmwareFiles.find(({ code, variables }) => existsSync(code) && existsSync(variables));
}

/** The command line of qemu-system-x86_64. */
export function machineArguments(options: MachineOptions): string[] {
  const { disk, accelerator } = options;
  return [
    ...[
      "-accel",
      accelerator === "kvm" ? "kvm" : "tcg,thread=multi",
      "-cpu",
      "max",
      "-smp",
      "2",
      "-m",
      String(options.memoryMib ?? 2048),
    ],
    ...["-nodefaults", "-no-user-config", "-vga", "std", "-display", "none"],
    ...firmware(options),
    ...[
      "-drive",
      `file=${disk.path},format=${disk.format},if=none,id=disk,cache=${disk.durable ? "writeback" : "unsafe"},discard=unmap`,
    ],
    ...controller(disk.controller),
    ...options.cards.flatMap((card, index) => [
      ...["-netdev", `${backend(card)},id=net${index}`],
      ...[
        "-device",
        `${card.model},netdev=net${index},mac=${card.macAddress ?? `52:54:00:00:00:0${index + 1}`}`,
      ],
      ...(card.capturePath === undefined
        ? []
        : [
            "-object",
            `filter-dump,id=capture${index},netdev=net${index},file=${card.capturePath}`,
          ]),
    ]),
    // One on each of the two channels that every PC has.
    ...(options.discs ?? []).flatMap((path, index) => [
      ...["-drive", `file=${path},format=raw,if=none,id=disc${index},media=cdrom,readonly=on`],
      ...["-device", `ide-cd,drive=disc${index},bus=ide.${index}`],
    ]),
    ...["-device", "virtio-rng-pci", "-device", "qemu-xhci", "-device", "usb-kbd"],
    ...Object.entries(options.credentials ?? {}).flatMap(([name, value]) => [
      "-smbios",
      `type=11,value=${escaped(`io.systemd.credential:${name}=${value}`)}`,
    ]),
    ...Object.entries(options.firmwareConfiguration ?? {}).flatMap(([name, value]) => [
      "-fw_cfg",
      `name=${name},string=${escaped(value)}`,
    ]),
    ...(options.maker === undefined
      ? []
      : ["-smbios", `type=1,manufacturer=${escaped(options.maker)}`]),
    ...["-qmp", `unix:${options.qmpPath},server=on,wait=off`, "-pidfile", options.pidPath],
    ...["-chardev", `${serial(options.serial)},id=console`],
    ...["-serial", "chardev:console", "-monitor", "none", "-no-reboot"],
  ];
}

/** A comma ends the value of an option, two are one in it. */
function escaped(value: string): string {
  return value.replaceAll(",", ",,");
}

function serial(end: MachineOptions["serial"]): string {
  // Ctrl-C is a key for the appliance, not for QEMU.
  if (end === "terminal") return "stdio,signal=off";
  return "file" in end ? `file,path=${end.file}` : `socket,path=${end.socket},server=on,wait=on`;
}

function backend(card: NetworkCard): string {
  if ("network" in card)
    return `user,net=${card.network},host=${card.host},dhcpstart=${card.firstLease}`;
  return `stream,server=${card.end === "makes" ? "on" : "off"},addr.type=unix,addr.path=${card.cablePath}`;
}

function firmware({ firmware: kind, variablesPath }: MachineOptions): string[] {
  if (kind === "bios") return [];
  const file = firmwareFile();
  if (file === undefined || variablesPath === undefined)
    throw new Error("no UEFI firmware: the Debian package ovmf is not installed");
  return [
    ...["-drive", `if=pflash,format=raw,unit=0,readonly=on,file=${file.code}`],
    ...["-drive", `if=pflash,format=raw,unit=1,file=${variablesPath}`],
  ];
}

function controller(kind: MachineOptions["disk"]["controller"]): string[] {
  if (kind === "virtio-blk-pci") return ["-device", "virtio-blk-pci,drive=disk"];
  if (kind === "ahci")
    return ["-device", "ahci,id=controller", "-device", "ide-hd,drive=disk,bus=controller.0"];
  return ["-device", `${kind},id=controller`, "-device", "scsi-hd,drive=disk,bus=controller.0"];
}
