import { statfs } from "node:fs/promises";
import { ignoring } from "../../base/missing-file.ts";
import type { HealthFigures } from "../../protocol/schemas/health.ts";
import { readKernelFile } from "./kernel-file.ts";

/** Clock ticks (proc_stat(5)) since the start of the machine, of all processors together. */
export interface ProcessorTimes {
  busy: number;
  total: number;
}

/**
 * The first line of /proc/stat (proc_stat(5)): user nice system idle iowait irq softirq steal. Guest
 * time is contained in user time.
 */
export function parseProcessorTimes(stat: string): ProcessorTimes | null {
  const line = /^cpu +([\d ]+)$/m.exec(stat)?.[1];
  const counts = line?.trim().split(/ +/).slice(0, 8).map(Number);
  if (!counts || counts.length < 5) return null;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return { busy: total - (counts[3] ?? 0) - (counts[4] ?? 0), total };
}

/** In bytes, from a line of /proc/meminfo, whose "kB" are KiB (proc_meminfo(5)). */
export function parseMemory(meminfo: string, name: "MemTotal" | "MemAvailable"): number {
  const count = new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(meminfo)?.[1];
  return count === undefined ? 0 : Number(count) * 1024;
}

export function parseLoad(loadavg: string): [number, number, number] {
  const loads = loadavg.split(" ").map(Number);
  const load = (index: number) => (Number.isFinite(loads[index]) ? (loads[index] ?? 0) : 0);
  return [load(0), load(1), load(2)];
}

export function parseUptimeSeconds(uptime: string): number {
  const seconds = Number.parseFloat(uptime);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : 0;
}

/** /proc/stat has one line for each processor. */
export function parseProcessorCount(stat: string): number {
  return Math.max(1, stat.match(/^cpu\d+ /gm)?.length ?? 0);
}

/** Reads the kernel's figures for each heartbeat: files only, since starting a program costs more. */
export class HealthReader {
  readonly #dataFolder: string;
  #last: ProcessorTimes | null = null;

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  async read(): Promise<HealthFigures> {
    // Not synchronously: a disk may block the caller.
    const disk = await statfs(this.#dataFolder).catch(ignoring("its space counts as unknown"));
    const stat = readKernelFile("/proc/stat");
    const memory = readKernelFile("/proc/meminfo");
    return {
      uptimeSeconds: parseUptimeSeconds(readKernelFile("/proc/uptime")),
      loadAverage: parseLoad(readKernelFile("/proc/loadavg")),
      processorPercent: this.#percentSince(parseProcessorTimes(stat)),
      processorCount: parseProcessorCount(stat),
      memoryTotalBytes: parseMemory(memory, "MemTotal"),
      memoryAvailableBytes: parseMemory(memory, "MemAvailable"),
      dataTotalBytes: disk ? disk.blocks * disk.bsize : 0,
      dataAvailableBytes: disk ? disk.bavail * disk.bsize : 0,
    };
  }

  #percentSince(now: ProcessorTimes | null): number {
    const last = this.#last;
    this.#last = now;
    const total = now ? now.total - (last?.total ?? 0) : 0;
    if (!now || total <= 0) return 0;
    return (
      Math.round(Math.min(100, Math.max(0, ((now.busy - (last?.busy ?? 0)) / total) * 100)) * 10) /
      10
    );
  }
}

/** Milliseconds since the start of the machine; 0 when unreadable. */
export async function readUptimeMs(): Promise<number> {
  return parseUptimeSeconds(readKernelFile("/proc/uptime")) * 1000;
}
