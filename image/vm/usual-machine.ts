import type { Accelerator } from "../build/accelerator.ts";
import type { MachineRequest } from "./machine.ts";
import { lan, wan } from "./networks.ts";

/** The machine that people and benchmarks start: BIOS, virtio, and a card in each network. */
export function usualMachine(overlay: string, accelerator: Accelerator): MachineRequest {
  return {
    firmware: "bios",
    disk: { path: overlay, format: "qcow2", controller: "virtio-blk-pci" },
    cards: [
      { model: "virtio-net-pci", ...lan },
      { model: "virtio-net-pci", ...wan },
    ],
    accelerator,
  };
}
