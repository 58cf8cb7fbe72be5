import { type Address, formatAddress, parseAddress } from "../../base/addresses/address.ts";
import {
  type AddressRange,
  addressesOf,
  countAddresses,
  prefixesOf,
  splitRanges,
} from "../../base/addresses/ranges.ts";
import { plannedRanges } from "../../base/addresses/scan-targets.ts";
import type { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import { acceptsEverything } from "../accepts-all.ts";
import type { KnownHost, PlannedShard } from "../engine.ts";
import { rangesOf } from "../plan.ts";
import type { PortSlice } from "../port-slice.ts";
import { cutPorts, listOfPorts, portsInSlice, slicesOf } from "../ports.ts";
import { profiles, shardsAtOnce } from "../profiles.ts";
import { discoverySet } from "./discovery.ts";
import { addressesPerGroup, portsPerSlice, servicesPerShard, shareOf } from "./time.ts";

/**
 * The addresses of a job as shards of discovery, each of one family, since nmap refuses both at
 * once. Throws OutriderError "scan-targets-invalid".
 */
export function planDiscovery(scan: ScanSpecification, firstShard = 0): PlannedShard[] {
  const ranges = rangesOf(scan);
  const { name: probes } = discoverySet(scan.profile, countAddresses(ranges));
  return [...splitRanges(ranges, addressesPerGroup)].map((piece, index) => ({
    shard: firstShard + index,
    phase: "discover",
    engine: "nmap",
    targets: [...prefixesOf(piece)],
    addresses: countAddresses(piece),
    probes,
  }));
}

/**
 * The hosts that were found as shards of port scanning, numbered from `firstShard`: groups of hosts,
 * and slices of ports for each group. All groups get their first slice before any gets its second,
 * so that what matters most is known early. Of the addresses that discovery reported, only those
 * in the job's targets are planned: excluded addresses never are. Throws OutriderError
 * "scan-targets-invalid".
 */
export function planPorts(
  scan: ScanSpecification,
  hosts: readonly KnownHost[],
  firstShard: number,
): PlannedShard[] {
  const { hostsPerShard } = profiles[scan.profile];
  const groups = [...splitRanges(allowedRanges(scan, hosts), hostsPerShard)].map((piece) => [
    ...addressesOf(piece),
  ]);
  const size = portsPerSlice(
    Math.min(hostsPerShard, Math.max(1, ...groups.map(({ length }) => length))),
    shareOf(scan.profile, shardsAtOnce(scan.profile, "ports")),
  );
  const slices = slicesOf(scan.ports, scan.profile).flatMap((slice) => cutSlice(slice, size));
  return slices
    .flatMap((slice) => groups.map((targets) => ({ slice, targets })))
    .map(({ slice, targets }, index) => ({
      shard: firstShard + index,
      phase: "ports",
      engine: "nmap",
      targets,
      addresses: targets.length,
      slice,
    }));
}

function cutSlice(slice: PortSlice, size: number): PortSlice[] {
  if ("top" in slice) return [slice];
  return cutPorts(slice.list, size).map((list) => ({ protocol: slice.protocol, list }));
}

/**
 * The hosts with open ports as shards that ask for their services, each for the ports that one of
 * its hosts has open. Hosts that accept on every port are left out. Throws OutriderError
 * "scan-targets-invalid".
 */
export function planServices(
  scan: ScanSpecification,
  hosts: readonly KnownHost[],
  firstShard: number,
): PlannedShard[] {
  const { hostsPerShard } = profiles[scan.profile];
  const known = new Map(hosts.map((host) => [canonical(host.address), host]));
  const asked = [...addressesOf(allowedRanges(scan, hosts))].flatMap(
    (address) => known.get(address) ?? [],
  );
  const shards: Omit<PlannedShard, "shard">[] = [];
  for (const protocol of ["tcp", "udp"] as const) {
    let group: KnownHost[] = [];
    const close = () => {
      if (group.length > 0) shards.push(servicesShard(protocol, group));
      group = [];
    };
    for (const host of asked) {
      if (host[protocol].length === 0 || acceptsEverything(host)) continue;
      const open = [...group, host].reduce((sum, each) => sum + each[protocol].length, 0);
      const otherFamily = group[0] && family(group[0].address) !== family(host.address);
      if (otherFamily || group.length >= hostsPerShard || open > servicesPerShard) close();
      group.push(host);
    }
    close();
  }
  return shards.map((shard, index) => ({ ...shard, shard: firstShard + index }));
}

function servicesShard(
  protocol: "tcp" | "udp",
  hosts: readonly KnownHost[],
): Omit<PlannedShard, "shard"> {
  return {
    phase: "services",
    engine: "nmap",
    targets: hosts.map(({ address }) => address),
    addresses: hosts.length,
    slice: { protocol, list: listOfPorts(hosts.flatMap((host) => host[protocol])) },
    openPorts: hosts.reduce((sum, host) => sum + host[protocol].length, 0),
  };
}

/** The hosts that the job's targets have, without its exclusions. */
function allowedRanges(scan: ScanSpecification, hosts: readonly KnownHost[]): AddressRange[] {
  const allowed = rangesOf(scan);
  return hosts.flatMap(({ address }) => {
    const parsed = parseAddress(address);
    return parsed && allowed.some((range) => contains(range, parsed))
      ? [{ family: parsed.family, first: parsed.value, last: parsed.value }]
      : [];
  });
}

function contains({ family: of, first, last }: AddressRange, { family, value }: Address): boolean {
  return of === family && first <= value && value <= last;
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address ? formatAddress(address.family, address.value) : text;
}

function family(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

/** Discovery that fails for all of its addresses is not divided for ever. */
const fewestAddresses = 64;
const discoveryPieces = 8;
const fewestPorts = 256;

/**
 * A shard that did not get to its end, in smaller ones: discovery in eighths, hosts one by one, a
 * single host's list of ports in halves.
 */
export function splitShard(planned: PlannedShard, firstShard: number): PlannedShard[] {
  const { phase, targets, slice } = planned;
  if (phase === "discover") {
    if (planned.addresses <= fewestAddresses) return [];
    const size = Math.max(fewestAddresses, Math.ceil(planned.addresses / discoveryPieces));
    return [...splitRanges(plannedRanges(targets, []), size)].map((piece, index) => ({
      ...planned,
      shard: firstShard + index,
      targets: [...prefixesOf(piece)],
      addresses: countAddresses(piece),
    }));
  }
  if (targets.length > 1)
    return targets.map((target, index) => ({
      ...planned,
      shard: firstShard + index,
      targets: [target],
      addresses: 1,
    }));
  if (!slice || !("list" in slice) || portsInSlice(slice) <= fewestPorts) return [];
  return cutPorts(slice.list, Math.ceil(portsInSlice(slice) / 2)).map((list, index) => ({
    ...planned,
    shard: firstShard + index,
    slice: { protocol: slice.protocol, list },
  }));
}
