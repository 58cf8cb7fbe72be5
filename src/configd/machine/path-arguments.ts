import type { PathTool } from "../api/tool-names.ts";

export type Family = 4 | 6;

/**
 * The command line of a path tool. The image has nmap's programs instead of ping and traceroute;
 * they need only raw sockets. nping 0.7.93 does not receive ICMPv6 ("expression rejects all
 * packets"), so nmap pings IPv6 targets.
 */
export function pathArguments(
  tool: Exclude<PathTool, "look-up">,
  family: Family,
  device: string,
  target: string,
): string[] {
  if (tool === "ping" && family === 4)
    return [
      "nping",
      "--privileged",
      "--icmp",
      "--count",
      "4",
      "--delay",
      "500ms",
      "--interface",
      device,
      "--",
      target,
    ];
  const trace = tool === "trace" ? ["--traceroute"] : [];
  return [
    "nmap",
    "--privileged",
    ...(family === 6 ? ["-6"] : []),
    "-n",
    "-sn",
    "-PE",
    ...trace,
    "--send-ip",
    "-e",
    device,
    "--",
    target,
  ];
}

/**
 * Runs a tool for the address family of the target. A name without an IPv4 address is tried again by
 * IPv6. Returns the tool's output.
 */
export async function byFamily(
  target: string,
  run: (family: Family) => Promise<string>,
): Promise<string> {
  if (target.includes(":")) return run(6);
  const output = await run(4);
  if (!isUnresolved(output) || /^[\d.]+$/.test(target)) return output;
  const other = await run(6);
  return isUnresolved(other) ? output : other;
}

/** By the message of nmap and nping. */
function isUnresolved(output: string): boolean {
  return /^Failed to resolve /m.test(output);
}
