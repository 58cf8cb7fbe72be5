import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { entryPath } from "../../base/process-path.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { sandbox } from "./sandbox.ts";
import { asUnit } from "./transient-unit.ts";
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
  const output = await asUnit(
    `outrider-doctor-${randomUUID()}`,
    [process.execPath, entryPath("doctor"), ...(only === undefined ? [] : ["--only", only])],
    doctorProperties(paths),
    longestRunSeconds,
    { signal },
  );
  return readResults(output.toString("utf8"));
}

/** It reads what the agent saved at its enrolment. */
export function doctorProperties(paths: AppliancePaths): string[] {
  return [
    ...sandbox({
      user: "outrider-agent",
      capabilities: ["CAP_NET_RAW"],
      families: ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET"],
      shown: ["identity"],
      memoryMb: 500,
      mostTasks: 200,
    }),
    `LoadCredential=proxy-password:${join(paths.credentials, "doctor/proxy-password")}`,
  ];
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
