import type { HostObservation, Port } from "../../protocol/schemas/results.ts";

const mostPorts = 65_536;
const mostHostnames = 50;

/**
 * One host out of two pieces of it: what discovery, each slice of ports, and the look at services
 * found. The same in either order, since an upload that failed comes later than the ones after it.
 */
export function joinPieces(one: HostObservation, other: HostObservation): HostObservation {
  const ports = new Map<string, Port>();
  for (const port of [...one.ports, ...other.ports]) {
    const key = `${port.protocol} ${port.number}`;
    const known = ports.get(key);
    ports.set(key, known ? betterPort(known, port) : port);
  }
  const macAddress = one.macAddress ?? other.macAddress;
  const macVendor = one.macVendor ?? other.macVendor;
  return {
    address: one.address,
    hostnames: [...new Set([...one.hostnames, ...other.hostnames])].sort().slice(0, mostHostnames),
    reason: betterReason(one.reason, other.reason),
    timedOut: one.timedOut || other.timedOut,
    ...(macAddress !== undefined && { macAddress }),
    ...(macVendor !== undefined && { macVendor }),
    ports: [...ports.values()]
      .sort((a, b) => a.protocol.localeCompare(b.protocol) || a.number - b.number)
      .slice(0, mostPorts),
  };
}

/** A proof of life first; "user-set" means that nmap was told to take the host as up. */
function betterReason(one: string, other: string): string {
  const proofs = [one, other].filter((reason) => reason !== "" && reason !== "user-set").sort();
  return proofs[0] ?? (one || other);
}

/** What is known of a port grows from "its service by number" to "the service was asked". */
function betterPort(one: Port, other: Port): Port {
  const more = knowledgeOf(other) - knowledgeOf(one);
  if (more !== 0) return more > 0 ? other : one;
  return JSON.stringify(other) < JSON.stringify(one) ? other : one;
}

function knowledgeOf({ state, service, reason }: Port): number {
  const open = state === "open" ? 4 : 0;
  const probed = service?.method === "probed" ? 2 : 0;
  return open + probed + (service || reason !== "" ? 1 : 0);
}
