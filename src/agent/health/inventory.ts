import { hostname, release, totalmem } from "node:os";
import { execa } from "execa";
import type { Inventory } from "../../protocol/schemas/health.ts";
import { validators } from "../../protocol/validators.ts";

const longestMs = 60_000;

/** What the machine is. systeminformation starts shells, some in a way that stops the event loop: for a process of its own. */
export async function collectInventory(softwareVersion: string, engine: string): Promise<Inventory> {
  const { default: system } = await import("systeminformation");
  const attempt = async <T>(ask: () => Promise<T>): Promise<Partial<T>> => ask().catch(() => ({}));
  const [machine, operatingSystem, processor] = await Promise.all([attempt(system.system), attempt(system.osInfo), attempt(system.cpu)]);
  return {
    hostname: text(hostname()),
    operatingSystem: text([operatingSystem.distro, operatingSystem.release].filter(Boolean).join(" ")),
    kernel: text(operatingSystem.kernel || release()),
    virtualization: text(machine.virtual ? machine.virtualHost || "virtual" : "none"),
    manufacturer: text(machine.manufacturer),
    model: text(machine.model),
    processor: text([processor.manufacturer, processor.brand].filter(Boolean).join(" ")),
    processorCount: Math.max(0, Math.floor(processor.cores ?? 0)),
    memoryTotalBytes: totalmem(),
    softwareVersion,
    engine: await engineVersion(engine),
  };
}

/** nmap's own words about itself; "unknown" when it cannot be run. */
export async function engineVersion(engine: string): Promise<{ name: string; version: string }> {
  const script = /\.[jt]s$/.test(engine);
  const { stdout } = await execa(script ? process.execPath : engine, [...(script ? [engine] : []), "--version"], {
    reject: false,
    timeout: 10_000,
    stdin: "ignore",
  });
  return { name: "nmap", version: text(/^Nmap version (\S+)/m.exec(stdout ?? "")?.[1] ?? "unknown") };
}

/** Collects the inventory in a process of its own, which is `entry` with the argument "inventory". Null when that fails. */
export async function inventoryOfThisMachine(entry: string, signal: AbortSignal): Promise<Inventory | null> {
  const { stdout, exitCode } = await execa(process.execPath, [entry, "inventory"], {
    reject: false,
    timeout: longestMs,
    cancelSignal: signal,
    stdin: "ignore",
    stderr: "ignore",
    maxBuffer: 100_000,
  });
  if (exitCode !== 0) return null;
  try {
    const parsed = validators.Inventory(JSON.parse(stdout));
    return parsed.valid ? parsed.value : null;
  } catch {
    return null;
  }
}

function text(value: string | undefined): string {
  return (value ?? "")
    .replace(/[\u0000-\u001f\u007f]/g, " ")
    .trim()
    .slice(0, 200);
}
