import { isIP } from "node:net";
import { fact } from "../../base/messages/facts.ts";
import type { EgressContact } from "../api/egress.ts";
import { because } from "../api/egress-reason.ts";
import type { PathTool } from "../api/tool-names.ts";

const whys = { ping: "for-ping", trace: "for-trace", "look-up": "for-look-up" } as const;

/**
 * Where a path that somebody at the console tries leads to: a look-up to the name servers, and not
 * to what is looked up.
 */
export function triedContacts(
  tool: PathTool,
  target: string,
  dns: readonly string[],
  at: number,
): EgressContact[] {
  const contact = { by: "console" as const, ...because(fact(whys[tool])), count: 1, at };
  if (tool === "look-up")
    return dns.map((server) => ({
      ...contact,
      host: server.split("%", 1)[0] ?? server,
      port: 53,
      protocol: "any",
      addresses: [],
    }));
  return [
    {
      ...contact,
      host: target,
      port: 0,
      protocol: "icmp",
      addresses: isIP(target) === 0 ? [] : [target],
    },
  ];
}

/** The address that a name was taken for, as nping and nmap tell it. */
export function triedAddresses(lines: readonly string[]): string[] {
  const found = lines.map((line) =>
    /^SENT .*> ([\da-fA-F.:]+) |^Nmap scan report for \S+ \(([\da-fA-F.:]+)\)/.exec(line),
  );
  const addresses = found
    .map((match) => match?.[1] ?? match?.[2] ?? "")
    .filter((address) => isIP(address) !== 0);
  return [...new Set(addresses)].slice(0, 16);
}
