import { readFile } from "node:fs/promises";

export interface ProcessFigures {
  /** Megabytes of 2^20 bytes. */
  residentMegabytes: number;
  proportionalMegabytes: number;
  /** Memory that only this process uses; shared pages do not count. */
  privateMegabytes: number;
  processorMs: number;
}

/**
 * The kernel's figures for a process: /proc/PID/smaps_rollup and stat (proc_pid_smaps(5),
 * proc_pid_stat(5)).
 */
export async function processFigures(pid: number): Promise<ProcessFigures> {
  const memory = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(memory)?.[1] ?? 0) / 1024;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    residentMegabytes: megabytes("Rss"),
    proportionalMegabytes: megabytes("Pss"),
    privateMegabytes: megabytes("Private_Dirty"),
    // utime and stime, in ticks of 10 ms on every Linux that Debian ships.
    processorMs: (Number(fields[11]) + Number(fields[12])) * 10,
  };
}
