import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CardMode } from "../path/own-machine.ts";

/**
 * Speed and duplex as the driver reports them (Documentation/ABI/testing/sysfs-class-net). Virtual
 * cards mostly say -1 and "unknown", and a card without a link refuses the read.
 */
export async function readCardMode(device: string, folder = "/sys/class/net"): Promise<CardMode> {
  const read = (file: string) =>
    readFile(join(folder, device, file), "utf8").then(
      (text) => text.trim(),
      () => "",
    );
  const [speed, duplex] = await Promise.all([read("speed"), read("duplex")]);
  return {
    // The kernel reports -1 for an unknown speed, and older ones 65535 or 2^32 - 1.
    speedMbps: /^[1-9]\d{0,6}$/.test(speed) && speed !== "65535" ? Number(speed) : null,
    duplex: duplex === "half" || duplex === "full" ? duplex : null,
  };
}
