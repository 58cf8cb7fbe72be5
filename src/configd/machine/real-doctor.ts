import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { entryPath } from "../../base/process-path.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { runCommand, tryCommand } from "./systemctl.ts";
import { validators } from "./validators.ts";

const longestRunSeconds = 120;

/**
 * Runs the doctor as the agent's user, with only the privileges that its checks need: raw packets for
 * ARP, and the proxy's password.
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
  const options = [
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
        ...options,
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
    // The unit does not end together with systemd-run, which waits for it.
    if (signal.aborted)
      await tryCommand("the unit may have ended already", "systemctl", ["stop", unit]);
    throw error;
  }
}

/** Reads the doctor's output, one result a line. Skips lines that are no result. */
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
