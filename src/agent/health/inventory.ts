import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseJson } from "../../base/json.ts";
import type { Inventory } from "../../protocol/schemas/health.ts";
import { validators } from "../../protocol/validators.ts";

const longestMs = 60_000;

/**
 * The machine's inventory, collected in a separate process: systeminformation starts shells, some of
 * which block the event loop, and is large. Null when the process fails.
 */
export async function inventoryOfThisMachine(signal: AbortSignal): Promise<Inventory | null> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [programFile(import.meta.url)], {
      timeout: longestMs,
      signal,
      maxBuffer: 100_000,
    });
    const parsed = validators.Inventory(parseJson(stdout));
    return parsed.valid ? parsed.value : null;
  } catch (error) {
    if (!isProcessFailure(error)) throw error;
    return null;
  }
}

/** The process could not be started, failed, was too slow, or was ended with the agent. */
function isProcessFailure(error: unknown): boolean {
  return error instanceof Error && ("code" in error || "killed" in error);
}

/** Beside the agent's bundle in the image, beside this file in development. */
function programFile(self: string): string {
  return join(
    dirname(fileURLToPath(self)),
    self.endsWith(".js") ? "inventory.js" : "inventory-main.ts",
  );
}
