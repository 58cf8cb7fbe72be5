import { addressesOf } from "../../base/addresses/ranges.ts";
import { plannedRanges } from "../../base/addresses/scan-targets.ts";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import type { KnownHost, PlannedShard } from "../../scan/engine.ts";
import type { SpooledShard } from "../spool/schemas.ts";
import type { ShardOutcome } from "./shard-outcome.ts";

/** More open ports of a host are of no use to the phases after. */
const mostOpenPorts = 1000;

/** The open ports of a shard's hosts, as its record keeps them. */
export function openPortsOf(hosts: readonly HostObservation[]): NonNullable<SpooledShard["open"]> {
  return hosts.flatMap(({ address, ports }) => {
    const open = (protocol: "tcp" | "udp") =>
      ports
        .filter((port) => port.state === "open" && port.protocol === protocol)
        .map(({ number }) => number)
        .slice(0, mostOpenPorts);
    const found = { address, tcp: open("tcp"), udp: open("udp") };
    return found.tcp.length + found.udp.length > 0 ? [found] : [];
  });
}

/** The hosts that discovery found, with the open ports of all records. */
export function knownHosts(
  discovered: readonly SpooledShard[],
  ports: readonly SpooledShard[],
): KnownHost[] {
  const known = new Map<string, { tcp: Set<number>; udp: Set<number> }>();
  for (const { up } of discovered)
    for (const address of up) known.set(address, { tcp: new Set(), udp: new Set() });
  for (const { open = [] } of ports)
    for (const { address, tcp, udp } of open) {
      const host = known.get(address) ?? { tcp: new Set<number>(), udp: new Set<number>() };
      known.set(address, host);
      for (const port of tcp) host.tcp.add(port);
      for (const port of udp) host.udp.add(port);
    }
  return [...known].map(([address, { tcp, udp }]) => ({ address, tcp: [...tcp], udp: [...udp] }));
}

/**
 * What a shard adds to the result: pieces of hosts, which the platform joins. A host that a failed
 * shard did not finish is marked `timedOut`, so that no missing port of it is read as closed.
 */
export function piecesOf(
  { phase, targets }: PlannedShard,
  { accepted, hosts }: Pick<ShardOutcome, "accepted" | "hosts">,
  exclusions: readonly string[],
): HostObservation[] {
  if (phase === "discover") return hosts.map((host) => ({ ...host, partial: true }));
  const pieces = hosts.map(
    (host): HostObservation => ({
      ...host,
      // A port that was found open and does not answer once more stays as it was found.
      ports: phase === "services" ? host.ports.filter(({ state }) => state === "open") : host.ports,
      timedOut: host.timedOut || !accepted,
      partial: true,
    }),
  );
  if (accepted) return pieces;
  const seen = new Set(hosts.map(({ address }) => address));
  const missing = [...addressesOf(plannedRanges(targets, exclusions))].filter(
    (address) => !seen.has(address),
  );
  return [
    ...pieces,
    ...missing.map(
      (address): HostObservation => ({
        address,
        hostnames: [],
        reason: "",
        ports: [],
        timedOut: true,
        partial: true,
      }),
    ),
  ];
}

export function countOpen(hosts: readonly { ports: readonly { state: string }[] }[]): number {
  return hosts.reduce(
    (sum, { ports }) => sum + ports.filter(({ state }) => state === "open").length,
    0,
  );
}
