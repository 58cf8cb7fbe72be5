import { hostname, release, totalmem } from "node:os";
import { execa } from "execa";
import system from "systeminformation";
import type { Inventory } from "../../protocol/schemas/health.ts";
import { commandLine, type EngineProgram } from "../../scan/program.ts";

/**
 * Collects the machine's inventory. Call it in a process of its own: systeminformation starts shells
 * and waits for some of them synchronously, which blocks the event loop.
 */
export async function collectInventory(
  softwareVersion: string,
  engine: EngineProgram,
  /** Stands in for the engine's own program; null on the appliance. */
  standIn: string | null,
): Promise<Inventory> {
  // systeminformation fails in many ways on unusual machines: an inventory with gaps is enough.
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
    engine: await engineVersion(engine, standIn),
  };
}

/** The version that the engine reports; "unknown" when it cannot be run. */
async function engineVersion(
  engine: EngineProgram,
  standIn: string | null,
): Promise<Inventory["engine"]> {
  const { file, args } = commandLine(standIn ?? engine.command, engine.versionArguments);
  const { stdout } = await execa(file, args, { reject: false, timeout: 10_000, stdin: "ignore" });
  return { name: engine.name, version: text(engine.readVersion(stdout ?? "") ?? "unknown") };
}

function text(value: string | undefined): string {
  return (value ?? "")
    .replace(/[\u0000-\u001f\u007f]/g, " ")
    .trim()
    .slice(0, 200);
}
