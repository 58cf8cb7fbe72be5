import { hostname, release, totalmem } from "node:os";
import { execa } from "execa";
import system from "systeminformation";
import type { Inventory } from "../../protocol/schemas/health.ts";

/**
 * What the machine is. systeminformation starts shells, some in a way that stops the event loop:
 * for a process of its own.
 */
export async function collectInventory(
  softwareVersion: string,
  engine: string,
): Promise<Inventory> {
  const attempt = async <T>(ask: () => Promise<T>): Promise<Partial<T>> => ask().catch(() => ({}));
  const [machine, operatingSystem, processor] = await Promise.all([
    attempt(system.system),
    attempt(system.osInfo),
    attempt(system.cpu),
  ]);
  return {
    hostname: text(hostname()),
    operatingSystem: text(
      [operatingSystem.distro, operatingSystem.release].filter(Boolean).join(" "),
    ),
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
  const { stdout } = await execa(
    script ? process.execPath : engine,
    [...(script ? [engine] : []), "--version"],
    {
      reject: false,
      timeout: 10_000,
      stdin: "ignore",
    },
  );
  return {
    name: "nmap",
    version: text(/^Nmap version (\S+)/m.exec(stdout ?? "")?.[1] ?? "unknown"),
  };
}

function text(value: string | undefined): string {
  return (value ?? "")
    .replace(/[\u0000-\u001f\u007f]/g, " ")
    .trim()
    .slice(0, 200);
}
