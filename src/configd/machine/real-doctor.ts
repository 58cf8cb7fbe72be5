import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { entryPath } from "../../base/process-path.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { TypedSettings } from "../../settings/typed-settings.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { sandbox } from "./sandbox.ts";
import { asUnit } from "./transient-unit.ts";
import { validators } from "./validators.ts";

const longestRunSeconds = 120;

export interface DoctorRun {
  /** The only check or result that is wanted. */
  only?: string | undefined;
  /**
   * Settings to test in place of the active ones. They go to the doctor's standard input, with the
   * password, and nowhere else.
   */
  typed?: TypedSettings | undefined;
}

/**
 * Runs the doctor as the agent's user and, in split mode, as the scan's user for the scan side: the
 * guards let no other user send there. The results of the scan side come first. Each has only the
 * privileges that its checks need: raw packets, and one credential.
 */
export async function runDoctorUnit(
  paths: AppliancePaths,
  signal: AbortSignal,
  { only, typed }: DoctorRun = {},
): Promise<CheckResult[]> {
  // What is typed is tested from the side that calls home alone.
  const runs =
    typed === undefined && (await isSplit(paths.agentConfiguration))
      ? [runSide("scan", scanProperties(paths), signal, { only })]
      : [];
  const home = doctorProperties(paths, typed !== undefined);
  runs.push(runSide("home", home, signal, { only, typed }));
  return (await Promise.all(runs)).flat();
}

/** As configd wrote it for the agent. */
async function isSplit(agentConfiguration: string): Promise<boolean> {
  const written: unknown = JSON.parse(await readFile(agentConfiguration, "utf8"));
  return (
    typeof written === "object" && written !== null && "mode" in written && written.mode === "split"
  );
}

async function runSide(
  side: "home" | "scan",
  properties: readonly string[],
  signal: AbortSignal,
  { only, typed }: DoctorRun,
): Promise<CheckResult[]> {
  const more = [
    ...(typed === undefined ? [] : ["--typed"]),
    ...(only === undefined ? [] : ["--only", only]),
  ];
  const output = await asUnit(
    `outrider-doctor-${randomUUID()}`,
    [process.execPath, entryPath("doctor"), "--side", side, ...more],
    properties,
    longestRunSeconds,
    { signal, ...(typed === undefined ? {} : { input: JSON.stringify(typed) }) },
  );
  return readResults(output.toString("utf8"));
}

/**
 * iproute2's ip gives up its capabilities first, and ends where capset(2) is refused (lib/utils.c,
 * drop_cap): it would then say that no neighbour answers and no route leads anywhere.
 */
const ipMayRun = "SystemCallFilter=capset";

/**
 * arping and ndisc6 call setuid(2) with the user that they have, and end where that is refused.
 * Without CAP_SETUID there is no other user to become.
 */
const arpingMayRun = "SystemCallFilter=setuid";

const limits = {
  capabilities: ["CAP_NET_RAW"],
  families: ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET"],
  memoryMb: 500,
  mostTasks: 200,
} as const;

/** It reads what the agent saved at its enrolment; with what is typed comes its own password. */
export function doctorProperties(paths: AppliancePaths, isTyped = false): string[] {
  const password = join(paths.credentials, "doctor/proxy-password");
  return [
    ...sandbox({ user: "outrider-agent", shown: ["identity"], ...limits }),
    ipMayRun,
    ...(isTyped ? [arpingMayRun] : [`LoadCredential=proxy-password:${password}`]),
  ];
}

/** The scan's user may not read the agent's configuration, and is given no password. */
export function scanProperties(paths: AppliancePaths): string[] {
  return [
    ...sandbox({ user: "outrider-scan", ...limits }),
    ipMayRun,
    `LoadCredential=agent.json:${paths.agentConfiguration}`,
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
