import { isIP } from "node:net";
import { fact } from "../../base/messages/facts.ts";
import type { EgressContact } from "../api/egress.ts";
import { because } from "../api/egress-reason.ts";
import type { ToolRequest } from "../api/tool-shapes.ts";

const reasons = {
  ping: "for-ping",
  trace: "for-trace",
  "look-up": "for-look-up",
  tls: "for-tls",
} as const;

/**
 * The contacts that one of the operator's tools makes. A look-up contacts the name servers and not
 * the name that it looks up; a capture contacts nobody.
 */
export function toolContacts(
  request: ToolRequest,
  dns: readonly string[],
  at: number,
): EgressContact[] {
  if (request.tool === "capture") return [];
  const contact = {
    by: "console" as const,
    ...because(fact(reasons[request.tool])),
    count: 1,
    at,
    addresses: [],
  };
  switch (request.tool) {
    case "look-up":
      return (request.server === undefined ? dns : [request.server]).map((server) => ({
        ...contact,
        host: server.split("%", 1)[0] ?? server,
        port: 53,
        protocol: "any",
      }));
    case "ping":
      return [withTarget({ ...contact, port: 0, protocol: "icmp" }, request.target)];
    default:
      return [withTarget({ ...contact, port: request.port, protocol: "tcp" }, request.target)];
  }
}

function withTarget(contact: Omit<EgressContact, "host">, target: string): EgressContact {
  return { ...contact, host: target, addresses: isIP(target) === 0 ? [] : [target] };
}

/** The same contacts once the tool has told which addresses it reached; they are not counted again. */
export function reachedContacts(
  request: ToolRequest,
  contacts: readonly EgressContact[],
  reached: readonly string[],
): EgressContact[] {
  const addresses = reached
    .map((address) => address.split("%", 1)[0] ?? "")
    .filter((address) => isIP(address) !== 0);
  if (request.tool === "look-up" || addresses.length === 0) return [];
  return contacts.map((contact) => ({ ...contact, addresses, count: 0 }));
}
