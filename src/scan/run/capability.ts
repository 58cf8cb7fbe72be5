import { readFile } from "node:fs/promises";

/** CAP_NET_RAW in the bit mask of capabilities(7). */
const netRaw = 13n;

/** Whether a process with this /proc/PID/status may send raw packets. */
export function hasRawNetwork(status: string): boolean {
  const mask = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> netRaw) & 1n) === 1n;
}

export async function processHasRawNetwork(): Promise<boolean> {
  return hasRawNetwork(await readFile("/proc/self/status", "utf8").catch(() => ""));
}
