import { readFile, stat, statfs } from "node:fs/promises";
import type { Figures, TimeSynchronisation } from "../path/own-machine.ts";

export async function readFigures(dataFolder: string, meminfo = "/proc/meminfo"): Promise<Figures> {
  const [disk, memory] = await Promise.all([
    statfs(dataFolder),
    readFile(meminfo, "utf8").catch(() => ""),
  ]);
  return {
    diskAvailableBytes: disk.bavail * disk.bsize,
    diskTotalBytes: disk.blocks * disk.bsize,
    memoryAvailableBytes: inBytes(memory, "MemAvailable"),
    memoryTotalBytes: inBytes(memory, "MemTotal"),
  };
}

/** A line of /proc/meminfo, whose "kB" are KiB (proc_meminfo(5)); 0 where it is not there. */
function inBytes(meminfo: string, name: string): number {
  const count = new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(meminfo)?.[1];
  return count === undefined ? 0 : Number(count) * 1024;
}

/**
 * systemd-timesyncd.service(8): its folder is there while it runs, the file in it after the first
 * reply of a time server.
 */
export async function readTimeSynchronisation(
  folder = "/run/systemd/timesync",
): Promise<TimeSynchronisation> {
  const isThere = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (await isThere(`${folder}/synchronized`)) return "synchronised";
  return (await isThere(folder)) ? "waiting" : "absent";
}
