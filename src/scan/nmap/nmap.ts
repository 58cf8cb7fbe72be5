import type { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import type { Engine, PlannedShard, PlanRequest } from "../engine.ts";
import { profiles } from "../profiles.ts";
import { judgeShard } from "./acceptance.ts";
import { nmapArguments } from "./arguments.ts";
import { discoverySetNamed } from "./discovery.ts";
import { doubtOneCard } from "./one-card.ts";
import { planDiscovery, planPorts, planServices, splitShard } from "./plan.ts";
import { readNmapProgress } from "./progress.ts";
import type { NmapRun } from "./run-schema.ts";
import { deadlineAfter, duration, type Load, shareOf } from "./time.ts";
import { validators } from "./validators.ts";
import { readNmapXml } from "./xml.ts";

export const nmap: Engine<NmapRun> = {
  name: "nmap",
  command: "nmap",
  packages: ["nmap"],
  versionArguments: ["--version"],
  readVersion: (output) => /^Nmap version (\S+)/m.exec(output)?.[1] ?? null,
  phases: ["discover", "ports", "services"],
  outputEnding: "xml",
  plan: planPhase,
  split: splitShard,
  doubt: doubtOneCard,
  duration: (planned, scan, sharing) => duration(loadOf(planned, scan, sharing)),
  deadlineSeconds: (planned, scan, sharing) => deadlineAfter(loadOf(planned, scan, sharing)),
  arguments: (plan, files, { raw }) => nmapArguments(plan, files, raw),
  read: (chunks) => readNmapXml(chunks),
  checkRun: (value) => validators.NmapRun(value),
  readProgress: readNmapProgress,
  judge: judgeShard,
};

function planPhase({ phase, scan, hosts, firstShard }: PlanRequest): PlannedShard[] {
  switch (phase) {
    case "discover":
      return planDiscovery(scan, firstShard);
    case "ports":
      return planPorts(scan, hosts, firstShard);
    case "services":
      return planServices(scan, hosts, firstShard);
  }
}

/** What a shard costs, for the time model. */
export function loadOf(
  { phase, addresses, slice, openPorts, probes }: PlannedShard,
  { profile }: Pick<ScanSpecification, "profile">,
  sharing: number,
): Load {
  return {
    phase,
    addresses,
    packetsPerSecond: shareOf(profile, sharing),
    probes: discoverySetNamed(probes ?? "")?.packets ?? 0,
    ports: slice ?? null,
    openPorts: openPorts ?? 0,
    lightVersionProbes: profiles[profile].lightVersionProbes,
  };
}
