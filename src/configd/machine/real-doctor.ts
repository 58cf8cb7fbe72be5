import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { entryPath } from "../../base/process-path.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { runCommand } from "./systemctl.ts";
import { validators } from "./validators.ts";

const longestRunSeconds = 120;

/**
 * The doctor as the agent's user, with what its checks need and no more: raw packets for ARP, the
 * proxy's password.
 */
export async function runDoctorUnit(
  paths: AppliancePaths,
  signal: AbortSignal,
  only?: string,
): Promise<CheckResult[]> {
  const unit = `outrider-doctor-${randomUUID()}.service`;
  const properties = [
    "User=outrider-agent",
    "Group=outrider-agent",
    `LoadCredential=proxy-password:${join(paths.credentials, "doctor/proxy-password")}`,
    "AmbientCapabilities=CAP_NET_RAW",
    "CapabilityBoundingSet=CAP_NET_RAW",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    `RuntimeMaxSec=${longestRunSeconds}`,
  ];
  const words = [
    "--quiet",
    "--pipe",
    "--wait",
    "--collect",
    `--unit=${unit}`,
    ...properties.map((property) => `--property=${property}`),
  ];
  try {
    const output = await runCommand(
      "systemd-run",
      [
        ...words,
        "--",
        process.execPath,
        entryPath("doctor"),
        ...(only === undefined ? [] : ["--only", only]),
      ],
      {
        signal,
        timeoutMs: (longestRunSeconds + 10) * 1000,
      },
    );
    return readResults(output.toString("utf8"));
  } catch (error) {
    // The unit does not end with the program that waits for it.
    if (signal.aborted) await runCommand("systemctl", ["stop", unit]).catch(() => undefined);
    throw error;
  }
}

/** One result a line; a line that is none is passed over. */
export function readResults(output: string): CheckResult[] {
  return output.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      const result = validators.CheckResult(value);
      return result.valid ? [result.value] : [];
    } catch {
      return [];
    }
  });
}
