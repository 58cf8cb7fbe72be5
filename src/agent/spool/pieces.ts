import type { HostObservation } from "../../protocol/schemas/results.ts";

/**
 * A part's JSON stays below this, so that proxies with an upload limit let it through. A single host
 * may be larger.
 */
const usualPartBytes = 1_000_000;
/** The platform takes parts of up to 8 MiB. */
const largestHostBytes = 6_000_000;
/** The schema's limit (protocol/schemas/results.ts). */
const mostHosts = 5000;

/** Divides hosts into parts. There is always at least one, so that each shard has a part. */
export function intoPieces(hosts: readonly HostObservation[]): HostObservation[][] {
  const pieces: HostObservation[][] = [[]];
  let bytes = 0;
  for (const host of hosts.map(fitted)) {
    const size = sizeOf(host);
    if (bytes > 0 && (bytes + size > usualPartBytes || (pieces.at(-1)?.length ?? 0) >= mostHosts)) {
      pieces.push([]);
      bytes = 0;
    }
    pieces.at(-1)?.push(host);
    bytes += size;
  }
  return pieces;
}

/**
 * A host that answers on every port, such as a tarpit, keeps its ports and loses their services,
 * which are not real.
 */
function fitted(host: HostObservation): HostObservation {
  if (sizeOf(host) <= largestHostBytes) return host;
  return { ...host, ports: host.ports.map(({ service: _service, ...port }) => port) };
}

function sizeOf(host: HostObservation): number {
  return Buffer.byteLength(JSON.stringify(host));
}
