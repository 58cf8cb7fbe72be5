import { parseArgs } from "node:util";
import { splitTargets } from "../../base/addresses/target-spelling.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { portSelections, scanProfiles } from "../../protocol/schemas/jobs.ts";
import { engines } from "../../scan/engines/engines.ts";
import { type Estimate, estimateScan } from "../../scan/estimate/estimate.ts";

export const estimateUsage = `usage: platform scans estimate --targets TARGET[,TARGET] [--exclude TARGET[,TARGET]]
    [--profile ${scanProfiles.join("|")}] [--ports ${portSelections.join("|")}]
    [--hosts N]       hosts that are expected to answer; all of them if it is left out
    [--open-ports N]  open ports of each; 5 if it is left out
    [--json]`;

export interface CommandResult {
  exitCode: 0 | 2;
  output: string;
  error: string;
}

/** `platform scans estimate`: what a scan costs, before it is started. Sends nothing. */
export function estimateCommand(args: readonly string[]): CommandResult {
  const [command, ...options] = args;
  if (command !== "estimate") return refused(`unknown command: scans ${command ?? ""}`);
  try {
    const { values } = parseArgs({
      args: options,
      options: {
        targets: { type: "string" },
        exclude: { type: "string", default: "" },
        profile: { type: "string", default: "normal" },
        ports: { type: "string", default: "standard" },
        hosts: { type: "string", default: "1048576" },
        "open-ports": { type: "string", default: "5" },
        json: { type: "boolean", default: false },
      },
    });
    const estimate = estimateScan(
      engines,
      {
        name: "estimate",
        targets: splitTargets(required(values.targets, "--targets")),
        exclusions: splitTargets(values.exclude),
        profile: oneOf(values.profile, scanProfiles, "--profile"),
        ports: oneOf(values.ports, portSelections, "--ports"),
      },
      {
        hosts: countOf(values.hosts, "--hosts", 2 ** 20),
        openPorts: countOf(values["open-ports"], "--open-ports", 1000),
      },
    );
    const output = values.json ? JSON.stringify(estimate, null, 2) : estimateText(estimate);
    return { exitCode: 0, output: `${output}\n`, error: "" };
  } catch (error) {
    if (error instanceof OutriderError) return refused(error.detail ?? error.message);
    return refused(error instanceof Error ? error.message : String(error));
  }
}

function refused(message: string): CommandResult {
  return { exitCode: 2, output: "", error: `${message}\n${estimateUsage}\n` };
}

function required(value: string | undefined, option: string): string {
  if (value === undefined) throw new TypeError(`${option} is missing`);
  return value;
}

function oneOf<T extends string>(value: string, known: readonly T[], option: string): T {
  const found = known.find((each) => each === value);
  if (found === undefined)
    throw new TypeError(`${option} is one of ${known.join(", ")}, not ${value}`);
  return found;
}

function countOf(text: string, option: string, most: number): number {
  const count = Number(text);
  if (!/^\d{1,7}$/.test(text) || count > most)
    throw new TypeError(`${option} is a number from 0 to ${most}, not ${text}`);
  return count;
}

function estimateText({ addresses, assumed, phases, packets, seconds }: Estimate): string {
  const rows = phases.map(
    (each) =>
      `${each.phase.padEnd(10)}${String(each.shards).padStart(7)}${spanOf(each.packets, String)}${spanOf(each.seconds, timeOf)}${timeOf(each.longestDeadlineSeconds).padStart(10)}`,
  );
  return [
    `${addresses} addresses; if ${assumed.hosts} of them answer, with ${assumed.openPorts} open ports each:`,
    "",
    `${"phase".padEnd(10)}${"shards".padStart(7)}${"packets".padStart(24)}${"time".padStart(24)}${"deadline".padStart(10)}`,
    ...rows,
    `${"all".padEnd(17)}${spanOf(packets, String)}${spanOf(seconds, timeOf)}`,
  ].join("\n");
}

function spanOf(
  { best, worst }: { best: number; worst: number },
  text: (value: number) => string,
): string {
  return `${text(best)} to ${text(worst)}`.padStart(24);
}

function timeOf(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 7200) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
