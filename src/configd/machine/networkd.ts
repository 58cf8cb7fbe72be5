import { readTextIfPossible } from "../../base/missing-file.ts";
import { replaceNetworkdFiles } from "../../network/networkd-files.ts";
import { applianceOwners } from "./file-owners.ts";
import type { NetworkFiles } from "./system.ts";
import { listUnits, runCommand, tryCommand } from "./systemctl.ts";

/** Replaces networkd's files that differ, and has networkd apply them. */
export async function installNetworkFiles(folder: string, files: NetworkFiles): Promise<void> {
  const { written, removed, staleNetdevs, movedLinks } = await replaceNetworkdFiles(
    folder,
    files,
    await networkdOwner(),
  );
  if (written.length + removed.length === 0) return;
  // Before the network comes up, networkd does not run: it reads the files when it starts.
  if (!(await networkdRuns())) return;
  for (const device of movedLinks) await forgetNetwork(device);
  for (const device of staleNetdevs)
    await tryCommand("it may be gone already", "networkctl", ["delete", device]);
  await runCommand("networkctl", ["reload"]);
}

/**
 * Removes addresses and routes of a device that moves to another routing table. By itself, networkd
 * keeps the address of an unchanged lease, with its connected route in the old table, and leaves the
 * routes of router advertisements there.
 */
async function forgetNetwork(device: string): Promise<void> {
  const quietly = (args: readonly string[]) =>
    tryCommand("the device may have nothing of this kind", "ip", args);
  await quietly(["address", "flush", "dev", device, "scope", "global"]);
  // Default routes of advertisements use nexthop objects. Flushing these routes fails; they go
  // together with the object.
  await quietly(["nexthop", "flush", "dev", device]);
  for (const [family, origin] of [
    ["-4", "dhcp"],
    ["-4", "static"],
    ["-6", "ra"],
    ["-6", "dhcp"],
    ["-6", "static"],
  ] as const)
    await quietly([family, "route", "flush", "table", "all", "dev", device, "protocol", origin]);
}

/** Looks at its control group first, which is cheap, and asks systemd only if there is none. */
async function networkdRuns(): Promise<boolean> {
  const events = await readTextIfPossible(
    "/sys/fs/cgroup/system.slice/systemd-networkd.service/cgroup.events",
  );
  if (events !== null && /^populated 1$/m.test(events)) return true;
  const [networkd] = await listUnits("systemd-networkd.service");
  return networkd?.activeState === "active";
}

/** The owner that netplan gives to networkd's files: root, and the group of networkd's user. */
async function networkdOwner(): Promise<{ uid: number; gid: number } | null> {
  if (applianceOwners() === null) return null;
  const groups = await readTextIfPossible("/etc/group");
  const gid = /^systemd-network:[^:]*:(\d+):/m.exec(groups ?? "")?.[1];
  return gid === undefined ? null : { uid: 0, gid: Number(gid) };
}
