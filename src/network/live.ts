import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { execa } from "execa";
import {
  compareInterfaces,
  describeInterfaces,
  type InterfaceFacts,
  type KernelInterface,
  pciAddressOf,
} from "./live-model.ts";
import type { NetworkctlList } from "./networkctl/schema.ts";
import { validators } from "./networkctl/validators.ts";

const queryTimeoutMs = 5000;
const largestAnswerBytes = 4 * 2 ** 20;
/** ARPHRD_ETHER of linux/if_arp.h. */
const etherType = "1";

/**
 * The kernel's Ethernet interfaces in the hypervisor's order, without bridges and bonds, which have
 * no hardware of their own.
 */
export async function kernelInterfaces(folder = "/sys/class/net"): Promise<KernelInterface[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(names.map((name) => readKernelInterface(folder, name)));
  return found.filter((entry) => entry !== null).sort(compareInterfaces);
}

async function readKernelInterface(folder: string, name: string): Promise<KernelInterface | null> {
  const read = (file: string) =>
    readFile(join(folder, name, file), "utf8").then(
      (text) => text.trim(),
      () => "",
    );
  const [type, index, address, carrier, speed] = await Promise.all([
    read("type"),
    read("ifindex"),
    read("address"),
    read("carrier"),
    read("speed"),
  ]);
  if (type !== etherType || !/^\d+$/.test(index)) return null;
  for (const kind of ["bridge", "bonding"])
    if (await stat(join(folder, name, kind)).catch(() => null)) return null;
  const device = await realpath(join(folder, name, "device")).catch(() => "");
  // Reading the carrier of an interface that is down fails with EINVAL.
  const driver = await realpath(join(folder, name, "device/driver")).then(basename, () => null);
  return {
    index: Number(index),
    name,
    macAddress: address.toLowerCase(),
    carrier: carrier === "1",
    pciAddress: pciAddressOf(device),
    driver,
    // The kernel reports -1 for an unknown speed.
    speedMbps: /^[1-9]\d{0,7}$/.test(speed) ? Number(speed) : null,
  };
}

/**
 * The interfaces, by one call to networkd. When it does not answer, the values that only it knows
 * are empty.
 */
export async function liveInterfaces(): Promise<InterfaceFacts[]> {
  const [kernel, networkd] = await Promise.all([kernelInterfaces(), askNetworkd()]);
  return describeInterfaces(kernel, networkd);
}

async function askNetworkd(): Promise<NetworkctlList | null> {
  try {
    const { stdout } = await execa("networkctl", ["--json=short", "list"], {
      timeout: queryTimeoutMs,
      maxBuffer: largestAnswerBytes,
    });
    const answer: unknown = JSON.parse(stdout);
    const list = validators.NetworkctlList(answer);
    return list.valid ? list.value : null;
  } catch {
    return null;
  }
}

/**
 * Calls `changed` at each message of the kernel about links, addresses and routes. networkd needs a
 * moment more to call a link configured, so callers also look again later.
 */
export function watchKernel(changed: () => void, signal: AbortSignal): void {
  const monitor = execa("ip", ["-o", "monitor", "link", "address", "route"], {
    cancelSignal: signal,
    reject: false,
    buffer: false,
    stdin: "ignore",
    stderr: "ignore",
  });
  monitor.stdout?.on("data", changed);
}
