import type { Engine } from "../engine.ts";
import { judgeShard } from "./acceptance.ts";
import { nmapArguments } from "./arguments.ts";
import { deadlineSeconds, planDiscovery, planServices } from "./plan.ts";
import { type NmapRun, readNmapXml } from "./xml.ts";

export const nmap: Engine<NmapRun> = {
  name: "nmap",
  command: "nmap",
  packages: ["nmap"],
  versionArguments: ["--version"],
  readVersion: (output) => /^Nmap version (\S+)/m.exec(output)?.[1] ?? null,
  phases: ["discover", "services"],
  outputEnding: "xml",
  plan: ({ phase, scan, hosts, firstShard }) =>
    phase === "discover" ? planDiscovery(scan, firstShard) : planServices(scan, hosts, firstShard),
  deadlineSeconds,
  arguments: (plan, files, { raw }) => nmapArguments(plan, files, raw),
  read: (chunks) => readNmapXml(chunks),
  judge: judgeShard,
};
