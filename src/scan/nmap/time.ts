import type { ScanProfile } from "../../protocol/schemas/jobs.ts";
import type { Duration } from "../engine.ts";
import type { PortSlice } from "../port-slice.ts";
import { portsIn, portsInSlice } from "../ports.ts";
import { profiles } from "../profiles.ts";
import type { Phase } from "../schemas.ts";

/*
 * How long nmap takes, as a formula. With `--min-rate` equal to `--max-rate` the time of discovery
 * and port scans is packets divided by rate (26 measured runs, error 0 to 10 %); without them nmap
 * sends ten packets a second while nothing answers. Shards, slices and deadlines follow from here
 * and from nowhere else.
 */

export interface Load {
  phase: Phase;
  /** Addresses of discovery, live hosts of the other phases. */
  addresses: number;
  packetsPerSecond: number;
  /** Packets of one try of discovery at an address. */
  probes: number;
  ports: PortSlice | null;
  /** Open ports whose services are asked, over all hosts. */
  openPorts: number;
  lightVersionProbes: boolean;
}

/**
 * nmap tries a probe without an answer twice. A third try is made only at a host that answered
 * late before; the deadline's factor covers it.
 */
const tries = 2;
/** What a group needs after its last packet: 1.1 to 2.8 s measured. */
const tailSeconds = 3;
/** nmap's discovery looks at so many addresses at once (nmap.h). */
export const addressesPerGroup = 4096;
/** Ports that nmap's version scan asks side by side with -T3 (service_scan.cc). */
const probedAtOnce = 20;
/** A port that accepts and stays silent: 161 s measured, 48 s with --version-light. */
const silentPortSeconds = { full: 161, light: 48 };
/** A port that sends its banner first. */
const quickestPortSeconds = 1;
/** 41 UDP ports send 69 payloads in one try. */
const payloadsPerUdpPort = 69 / 41;

export function duration(load: Load): Duration {
  return load.phase === "services" ? servicesDuration(load) : sendingDuration(load);
}

function sendingDuration(load: Load): Duration {
  const { phase, addresses, packetsPerSecond, probes, ports } = load;
  const once = phase === "discover" ? probes : portProbes(ports);
  const groups = phase === "discover" ? Math.ceil(addresses / addressesPerGroup) : 1;
  // A host that answers the first probe of discovery costs one packet.
  const best = addresses * (phase === "discover" ? 1 : once);
  const worst = addresses * once * tries;
  return {
    packets: { best, worst },
    seconds: {
      best: best / packetsPerSecond,
      worst: worst / sendingRate(load) + groups * tailSeconds,
    },
  };
}

/** nmap pings a host that drops and has an open port every 1.25 s, within its rate. */
function sendingRate({ phase, addresses, packetsPerSecond }: Load): number {
  if (phase === "discover") return packetsPerSecond;
  return Math.max(packetsPerSecond / 2, packetsPerSecond - 0.8 * addresses);
}

function portProbes(ports: PortSlice | null): number {
  if (ports === null) return 0;
  const count = portsInSlice(ports);
  return ports.protocol === "udp" ? Math.ceil(count * payloadsPerUdpPort) : count;
}

function servicesDuration(load: Load): Duration {
  const { addresses, openPorts, packetsPerSecond, lightVersionProbes, ports } = load;
  const silent = lightVersionProbes ? silentPortSeconds.light : silentPortSeconds.full;
  const rounds = Math.ceil(openPorts / probedAtOnce);
  const listed = ports !== null && "list" in ports ? portsIn(ports.list) : 0;
  // Each host is asked for every port of the list before its open ones are probed.
  const asking = (addresses * Math.max(listed, openPorts) * tries) / packetsPerSecond;
  const perPort = { best: 8, worst: lightVersionProbes ? 31 : 124 };
  return {
    packets: { best: openPorts * perPort.best, worst: openPorts * perPort.worst },
    seconds: {
      best: rounds * quickestPortSeconds,
      worst: rounds * silent + asking + tailSeconds,
    },
  };
}

/** The unit of a shard is ended after two days (outrider-scan@.service). */
export const unitLimitSeconds = 2 * 86_400;
const startSeconds = 60;
/**
 * Loss makes a lossy host take up to four tries instead of two: 10 % of loss each way made a run
 * 1.7 times as long.
 */
const lossFactor = 2.2;
const serviceFactor = 1.3;

/**
 * After this time the runner ends nmap: later than the worst run that the formula knows, so that
 * it ends what hangs and not what is slow.
 */
export function deadlineAfter(load: Load): number {
  const { worst } = duration(load).seconds;
  const factor = load.phase === "services" ? serviceFactor : lossFactor;
  return Math.ceil(startSeconds + factor * worst);
}

/** A slice of ports that is lost, as when a host dies in it, must be short. */
const longestSliceSeconds = 360;

/**
 * How many ports a slice has, so that it takes at most six minutes at worst for these hosts; a
 * power of two.
 */
export function portsPerSlice(hosts: number, packetsPerSecond: number): number {
  const most = (longestSliceSeconds * packetsPerSecond) / (tries * Math.max(1, hosts));
  return Math.max(64, 2 ** Math.floor(Math.log2(Math.max(1, most))));
}

/** Open ports whose services one shard asks, so that it takes a quarter of an hour at worst. */
export const servicesPerShard = 100;

/** The rate of one of the shards that share a profile's budget. */
export function shareOf(profile: ScanProfile, sharing: number): number {
  return Math.max(1, Math.floor(profiles[profile].packetsPerSecond / Math.max(1, sharing)));
}
