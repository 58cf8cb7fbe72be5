import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { ShardFiles } from "../files.ts";
import type { PortSlice } from "../port-slice.ts";
import { fragilePorts } from "../ports.ts";
import { profiles } from "../profiles.ts";
import type { ShardPlan } from "../schemas.ts";
import { discoverySetNamed } from "./discovery.ts";

/**
 * nmap's arguments for a shard. Throws OutriderError "request-invalid" for a plan that names what
 * this version does not have.
 *
 * - `--privileged`: nmap looks only at the user id and not at CAP_NET_RAW (nmap issue 3333).
 * - no `--send-ip`: nmap then finds hosts on the LAN by ARP, which no host firewall stops.
 * - `-v` prints open ports the moment they are found, and puts the begin and end of each task into
 *   the XML; `--stats-every` prints nothing without a terminal before 7.991 (nmap issue 3175).
 * - `-6`: nmap then takes IPv6 and nothing else.
 * - `--min-rate` as large as `--max-rate`: without it nmap sends 10 packets a second for as long as
 *   nothing answers, whatever `--max-rate` says (time.ts).
 * - no `--host-timeout`: nmap throws away all that it found at a host that takes longer. The slices
 *   of ports are short by construction, and the runner ends what hangs.
 */
export function nmapArguments(plan: ShardPlan, files: ShardFiles, raw: boolean): string[] {
  const options = raw ? ["--privileged"] : ["--unprivileged"];
  if (isIpv6(plan.targets)) options.push("-6");
  if (raw && plan.device !== null) options.push("-e", plan.device);
  options.push("-n", "-v", "--noninteractive", ...phaseOptions(plan, raw));
  const rate = String(plan.packetsPerSecond);
  options.push("--min-rate", rate, "--max-rate", rate, "-iL", files.targets);
  if (plan.exclusions.length > 0) options.push("--excludefile", files.exclusions);
  options.push("-oX", files.output);
  return options;
}

function phaseOptions(plan: ShardPlan, raw: boolean): string[] {
  switch (plan.phase) {
    case "discover":
      // Without raw packets nmap knows TCP only. One try more than none: with none nmap gives a
      // host up before it has sent all of its probes.
      return ["-sn", ...(raw ? probesOf(plan) : []), "--max-retries", "1"];
    case "ports":
      return [...portOptions(plan, raw), ...oneGroup(plan), "--max-retries", "3"];
    case "services":
      return [...portOptions(plan, raw), ...versionOptions(plan), "--max-retries", "3"];
  }
}

function probesOf({ probes, targets }: ShardPlan): readonly string[] {
  if (probes === undefined) return [];
  const set = discoverySetNamed(probes);
  // ICMPv6 has no timestamp request, and nmap ends when it is asked for one.
  if (set) return isIpv6(targets) ? set.options.filter((option) => option !== "-PP") : set.options;
  throw new OutriderError("request-invalid", { detail: fact("plan-probes", { probes }) });
}

function portOptions({ slice, profile }: ShardPlan, raw: boolean): string[] {
  const tcp = raw ? "-sS" : "-sT";
  const options = ["-Pn", slice?.protocol === "udp" ? "-sU" : tcp, ...listOptions(slice)];
  if (profile === "gentle") options.push("--exclude-ports", fragilePorts);
  return options;
}

function listOptions(slice: PortSlice | undefined): string[] {
  if (!slice) throw new OutriderError("request-invalid", { detail: fact("plan-ports") });
  return "top" in slice ? ["--top-ports", String(slice.top)] : ["-p", slice.list];
}

/** All hosts of the shard side by side: nmap's own groups would let most of them wait. */
function oneGroup({ targets }: ShardPlan): string[] {
  const size = String(targets.length);
  return ["--min-hostgroup", size, "--max-hostgroup", size];
}

function versionOptions({ profile }: ShardPlan): string[] {
  const { lightVersionProbes, maxParallelism } = profiles[profile];
  const options = ["-sV"];
  if (lightVersionProbes) options.push("--version-light");
  if (maxParallelism !== null) options.push("--max-parallelism", String(maxParallelism));
  return options;
}

/** A shard is of one family. */
function isIpv6(targets: readonly string[]): boolean {
  return targets.some((target) => target.includes(":"));
}
