import type { PathTool } from "../api/tool-names.ts";

export type Family = 4 | 6;

/**
 * Neither ping nor traceroute is in the image; nmap's own are, and need only raw sockets. nping
 * cannot hear ICMPv6 (0.7.93: "expression rejects all packets"), so that nmap pings there.
 */
export function pathWords(
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
 * What is said over the family of the target; a name is tried by IPv6 where it has no address of
 * IPv4.
 */
export async function byFamily(
  target: string,
  run: (family: Family) => Promise<string>,
): Promise<string> {
  if (target.includes(":")) return run(6);
  const said = await run(4);
  if (!isUnresolved(said) || /^[\d.]+$/.test(target)) return said;
  const other = await run(6);
  return isUnresolved(other) ? said : other;
}

/** nmap's and nping's words for it. */
function isUnresolved(said: string): boolean {
  return /^Failed to resolve /m.test(said);
}
