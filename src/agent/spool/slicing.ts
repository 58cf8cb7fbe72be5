import type { HostObservation } from "../../protocol/schemas/results.ts";
import type { SpooledSlice } from "./schemas.ts";

/** A range of a part's hosts, or of the ports of its single host. */
export type Slice = Omit<SpooledSlice, "number">;

/** How many hosts a part has; when it has only one, how many ports that host has. */
export interface PartSize {
  hosts: number;
  ports: number;
}

export function sizeOf(hosts: readonly HostObservation[]): PartSize {
  return { hosts: hosts.length, ports: hosts.length === 1 ? (hosts[0]?.ports.length ?? 0) : 0 };
}

export function sliceOf(
  hosts: readonly HostObservation[],
  { from, to, ports }: Slice,
): HostObservation[] {
  const some = hosts.slice(from, to);
  return ports
    ? some.map((host) => ({
        ...host,
        ports: host.ports.slice(ports.from, ports.to),
        partial: true,
      }))
    : some;
}

export function halvesOf({ from, to, ports }: Slice, size: PartSize): [Slice, Slice] {
  if (size.hosts > 1) {
    const middle = from + Math.ceil(size.hosts / 2);
    return [
      { from, to: middle },
      { from: middle, to },
    ];
  }
  const all = ports ?? { from: 0, to: size.ports };
  const middle = all.from + Math.ceil(size.ports / 2);
  return [
    { from, to, ports: { from: all.from, to: middle } },
    { from, to, ports: { from: middle, to: all.to } },
  ];
}
