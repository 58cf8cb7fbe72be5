import type { ShardFiles } from "../files.ts";
import { profiles } from "../profiles.ts";
import type { ShardPlan } from "../schemas.ts";

const portOptions = {
  "top-100": ["--top-ports", "100"],
  "top-1000": ["--top-ports", "1000"],
  all: ["-p", "1-65535"],
} as const;

/**
 * nmap's arguments for a shard.
 *
 * - `--privileged`: nmap looks only at the user id and not at CAP_NET_RAW (nmap issue 3333).
 * - no `--send-ip`: nmap then finds hosts on the LAN by ARP, which no host firewall stops.
 * - `-v` puts the begin and end of each task into the XML; `--stats-every` prints nothing without a
 *   terminal before 7.991 (nmap issue 3175).
 * - `-6`: nmap then takes IPv6 and nothing else.
 */
export function nmapArguments(plan: ShardPlan, files: ShardFiles, raw: boolean): string[] {
  const limits = profiles[plan.profile];
  const options = raw ? ["--privileged"] : ["--unprivileged"];
  if (plan.targets.some((target) => target.includes(":"))) options.push("-6");
  if (raw && plan.device !== null) options.push("-e", plan.device);
  options.push("-n", "-v", "--noninteractive");
  if (plan.phase === "discover") options.push("-sn");
  else {
    options.push(raw ? "-sS" : "-sT", "-sV", "-Pn", ...portOptions[plan.ports]);
    if (limits.lightVersionProbes) options.push("--version-light");
    options.push("--host-timeout", `${limits.hostTimeoutSeconds}s`);
  }
  options.push(
    "--max-retries",
    String(limits.maxRetries),
    "--max-rate",
    String(plan.packetsPerSecond),
  );
  if (limits.maxParallelism !== null)
    options.push("--max-parallelism", String(limits.maxParallelism));
  options.push("-iL", files.targets);
  if (plan.exclusions.length > 0) options.push("--excludefile", files.exclusions);
  options.push("-oX", files.output);
  return options;
}
