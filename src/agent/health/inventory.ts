import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Inventory } from "../../protocol/schemas/health.ts";
import { validators } from "../../protocol/validators.ts";

const longestMs = 60_000;

/**
 * What this machine is, collected by a program of its own: systeminformation starts shells, some in
 * a way that stops the event loop, and is large. Null when that fails.
 */
export async function inventoryOfThisMachine(signal: AbortSignal): Promise<Inventory | null> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [programFile(import.meta.url)], {
      timeout: longestMs,
      signal,
      maxBuffer: 100_000,
    });
    const parsed = validators.Inventory(JSON.parse(stdout));
    return parsed.valid ? parsed.value : null;
  } catch {
    return null;
  }
}

/** Beside the agent's bundle in the image, beside this file in development. */
function programFile(self: string): string {
  return join(
    dirname(fileURLToPath(self)),
    self.endsWith(".js") ? "inventory.js" : "inventory-main.ts",
  );
}
