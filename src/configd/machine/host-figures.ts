import { readFile, statfs } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { ignoring } from "../../base/missing-file.ts";
import type { HealthFigures } from "../../protocol/schemas/health.ts";

/** Load, memory and disk figures from /proc. The processor's share is that since the last call. */
export class HostFigures {
  readonly #dataFolder: string;
  #before = { busy: 0, total: 0 };

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  async read(): Promise<HealthFigures> {
    const [uptime, load, stat, memory, disk] = await Promise.all([
      readFile("/proc/uptime", "utf8"),
      readFile("/proc/loadavg", "utf8"),
      readFile("/proc/stat", "utf8"),
      readFile("/proc/meminfo", "utf8"),
      statfs(this.#dataFolder).catch(ignoring("the disk then shows as 0 bytes")),
    ]);
    const [one, five, fifteen] = load.split(" ").map(Number);
    return {
      uptimeSeconds: Number(uptime.split(" ")[0]),
      loadAverage: [one ?? 0, five ?? 0, fifteen ?? 0],
      processorPercent: this.#processorPercent(stat),
      processorCount: availableParallelism(),
      memoryTotalBytes: memoryBytes(memory, "MemTotal"),
      memoryAvailableBytes: memoryBytes(memory, "MemAvailable"),
      dataTotalBytes: disk ? disk.blocks * disk.bsize : 0,
      dataAvailableBytes: disk ? disk.bavail * disk.bsize : 0,
    };
  }

  #processorPercent(stat: string): number {
    // proc_stat(5): user nice system idle iowait irq softirq steal, in clock ticks.
    const ticks = stat.split("\n", 1)[0]?.split(/\s+/).slice(1, 9).map(Number) ?? [];
    const total = ticks.reduce((sum, value) => sum + value, 0);
    const busy = total - (ticks[3] ?? 0) - (ticks[4] ?? 0);
    const share =
      total > this.#before.total ? (busy - this.#before.busy) / (total - this.#before.total) : 0;
    this.#before = { busy, total };
    return Math.min(100, Math.max(0, Math.round(share * 1000) / 10));
  }
}

function memoryBytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
}
