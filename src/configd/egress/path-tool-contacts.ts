import { isIP } from "node:net";
import { fact } from "../../base/messages/facts.ts";
import type { EgressContact } from "../api/egress.ts";
import { because } from "../api/egress-reason.ts";
import type { PathTool } from "../api/tool-names.ts";

const reasons = { ping: "for-ping", trace: "for-trace", "look-up": "for-look-up" } as const;

/**
 * The contacts that a path tool of the console makes. A DNS look-up contacts the name servers, not the
 * name that it looks up.
 */
export function triedContacts(
  tool: PathTool,
  target: string,
  dns: readonly string[],
  at: number,
): EgressContact[] {
  const contact = { by: "console" as const, ...because(fact(reasons[tool])), count: 1, at };
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

/** The addresses that a name was resolved to, from the output of nping and nmap. */
export function triedAddresses(lines: readonly string[]): string[] {
  const found = lines.map((line) =>
    /^SENT .*> ([\da-fA-F.:]+) |^Nmap scan report for \S+ \(([\da-fA-F.:]+)\)/.exec(line),
  );
  const addresses = found
    .map((match) => match?.[1] ?? match?.[2] ?? "")
    .filter((address) => isIP(address) !== 0);
  return [...new Set(addresses)].slice(0, 16);
}
