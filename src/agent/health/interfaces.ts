import { readdir } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { ignoring } from "../../base/missing-file.ts";
import type { NetworkInterface } from "../../protocol/schemas/health.ts";
import { readKernelFile } from "./kernel-file.ts";

const mostInterfaces = 32;
const mostAddresses = 32;

/** The kernel's network devices, also those without link or address, which Node does not list. */
export async function readInterfaces(
  { scanDevice, managementDevice }: { scanDevice: string | null; managementDevice: string | null },
  folder = "/sys/class/net",
): Promise<NetworkInterface[]> {
  const found = await readdir(folder).catch(ignoring("a heartbeat without interfaces is enough"));
  const names = (found ?? []).filter((name) => name !== "lo").sort();
  const withAddresses = networkInterfaces();
  const roleOf = (name: string) => {
    if (name === scanDevice) return "lan" as const;
    return name === managementDevice ? ("wan" as const) : null;
  };
  return names.slice(0, mostInterfaces).map((name) => {
    const attribute = (file: string) => readKernelFile(join(folder, name, file)).trim();
    return {
      name: name.slice(0, 15),
      role: roleOf(name),
      macAddress: attribute("address").slice(0, 60),
      linkUp: attribute("carrier") === "1",
      addresses: (withAddresses[name] ?? [])
        .flatMap(({ cidr }) => (cidr === null ? [] : [cidr]))
        .slice(0, mostAddresses),
    };
  });
}
