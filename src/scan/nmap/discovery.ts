import type { ScanProfile } from "../../protocol/schemas/jobs.ts";

/**
 * What nmap sends to find out whether a host behind a router is there. On the own link it asks by
 * ARP or neighbour discovery instead, whatever is listed here.
 */
export interface DiscoverySet {
  name: DiscoverySetName;
  options: readonly string[];
  /** Packets of one try at one address. */
  packets: number;
}

const tcp = (ports: readonly number[]) => `-PS${ports.join()}`;
const usualTcp = [
  21, 22, 23, 25, 53, 80, 135, 139, 443, 445, 3389, 5985, 6443, 8006, 8080, 9100,
] as const;

/**
 * Measured on 27 hosts that answer to one thing only: nmap's default finds 6 of them, gentle 10,
 * small 15, normal 21, fast 24. UDP costs as many packets as a port has payloads: 161 has two, 53,
 * 123 and 137 have three, two and three.
 */
export const discoverySets = {
  gentle: { options: ["-PE", tcp([22, 445, 3389])], packets: 4 },
  sparse: { options: ["-PE", tcp([22, 443, 445])], packets: 4 },
  small: { options: ["-PE", "-PP", tcp([22, 80, 443, 445, 3389]), "-PU161"], packets: 9 },
  normal: { options: ["-PE", "-PP", tcp(usualTcp), "-PU161"], packets: 20 },
  fast: { options: ["-PE", "-PP", tcp([...usualTcp, 110]), "-PU53,123,137,161"], packets: 29 },
  // Not by ARP, also on the own link: who answers for others passes nothing on for nobody.
  confirm: { options: ["--send-ip", "-PE", "-PP", tcp(usualTcp), "-PU161"], packets: 20 },
} as const satisfies Record<string, Omit<DiscoverySet, "name">>;
export type DiscoverySetName = keyof typeof discoverySets;

/** A larger scan asks with fewer probes: a /16 would take hours with all of them. */
export const sparseAbove = 4096;

export function discoverySet(profile: ScanProfile, addresses: number): DiscoverySet {
  const sparse = addresses > sparseAbove;
  const byProfile = {
    gentle: "gentle",
    normal: sparse ? "sparse" : "normal",
    fast: sparse ? "small" : "fast",
  } as const;
  const name = byProfile[profile];
  return { name, ...discoverySets[name] };
}

/** Null for a name that this version does not have. */
export function discoverySetNamed(name: string): DiscoverySet | null {
  const known = (Object.keys(discoverySets) as DiscoverySetName[]).find((each) => each === name);
  return known === undefined ? null : { name: known, ...discoverySets[known] };
}
