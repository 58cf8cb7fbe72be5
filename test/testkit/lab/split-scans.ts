import { hosts } from "../../../image/lab/addresses.ts";

export interface ScanKind {
  name: string;
  family: 4 | 6;
  /** nmap's arguments; `-e` with the LAN's device is added for kinds that send raw packets. */
  args: readonly string[];
  raw: boolean;
  targets: readonly string[];
  /** The result that it must have while the LAN works. */
  finds: RegExp;
}

const { web, proxy } = hosts;
const ports = ["-p", "22,80", "--max-retries", "1"];
/**
 * A neighbour, a host in the WAN's own network, and an address without a host: packets to the last
 * two must go to the LAN's gateway.
 */
const targets4 = [web.address, proxy.address, "203.0.113.5"];
const targets6 = [web.address6, proxy.address6, "2001:db8:3::5"];

/** One of each way in which nmap sends. */
export const scanKinds: readonly ScanKind[] = [
  {
    name: "SYN",
    family: 4,
    args: ["-sS", "-Pn", ...ports],
    raw: true,
    targets: targets4,
    finds: /80\/tcp +open/,
  },
  {
    name: "connect",
    family: 4,
    args: ["-sT", "-Pn", ...ports],
    raw: false,
    targets: targets4,
    finds: /80\/tcp +open/,
  },
  {
    name: "UDP",
    family: 4,
    args: ["-sU", "-Pn", ...ports],
    raw: true,
    targets: targets4,
    finds: /22\/udp +closed/,
  },
  {
    name: "ping",
    family: 4,
    args: ["-sn", "-PE", "--disable-arp-ping"],
    raw: true,
    targets: targets4,
    finds: /2 hosts up/,
  },
  {
    name: "ARP",
    family: 4,
    args: ["-sn", "-PR"],
    raw: true,
    targets: [web.address, "192.0.2.77"],
    finds: /1 host up/,
  },
  {
    name: "SYN",
    family: 6,
    args: ["-6", "-sS", "-Pn", ...ports],
    raw: true,
    targets: targets6,
    finds: /80\/tcp +open/,
  },
  {
    name: "connect",
    family: 6,
    args: ["-6", "-sT", "-Pn", ...ports],
    raw: false,
    targets: targets6,
    finds: /80\/tcp +open/,
  },
  {
    name: "UDP",
    family: 6,
    args: ["-6", "-sU", "-Pn", ...ports],
    raw: true,
    targets: targets6,
    finds: /22\/udp +closed/,
  },
  {
    name: "ping",
    family: 6,
    args: ["-6", "-sn", "-PE"],
    raw: true,
    targets: targets6,
    finds: /2 hosts up/,
  },
];

/** Raw and by the kernel, in both families. */
export const fewKinds: readonly ScanKind[] = scanKinds.filter(
  ({ name }) => name === "SYN" || name === "connect",
);

/** Without names, so that the scan asks no DNS server unless a test names one. */
export function argumentsOf({ args, raw, targets }: ScanKind, device: string): string[] {
  return ["-n", "-T4", ...args, ...(raw ? ["-e", device] : []), ...targets];
}

/** Scans with arguments that send them out of the wrong card, in every way that nmap has. */
export const leaks = (device: string): readonly (readonly string[])[] => [
  ["-n", "-sn", "-PR", "-e", device, proxy.address],
  ["-n", "-Pn", "-sS", "--send-eth", "-e", device, "-p", "80", "--max-retries", "0", proxy.address],
  [
    "-n",
    "-Pn",
    "-sS",
    "--send-ip",
    "-e",
    device,
    "-p",
    "80",
    "--max-retries",
    "0",
    proxy.address,
    "203.0.113.5",
  ],
  ["-n", "-Pn", "-sT", "-e", device, "-p", "80", "--max-retries", "0", proxy.address],
  ["-6", "-n", "-Pn", "-sS", "-e", device, "-p", "80", "--max-retries", "0", proxy.address6],
  ["-6", "-n", "-sn", "-e", device, proxy.address6],
];
