import type { PortSelection, ScanProfile } from "../protocol/schemas/jobs.ts";
import type { PortSlice } from "./port-slice.ts";

export interface PortRange {
  first: number;
  last: number;
}

export const highestPort = 65_535;

/** The ranges of a list as in PortSlice, in its order. */
export function portRanges(list: string): PortRange[] {
  return list.split(",").map((text) => {
    const [first = "", last = first] = text.split("-");
    return { first: Number(first), last: Number(last) };
  });
}

export function portList(ranges: readonly PortRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join();
}

/** Single ports as a list with neighbours joined; empty for none. */
export function listOfPorts(ports: Iterable<number>): string {
  const ranges: PortRange[] = [];
  for (const port of [...new Set(ports)].sort((a, b) => a - b)) {
    const previous = ranges.at(-1);
    if (previous?.last === port - 1) previous.last = port;
    else ranges.push({ first: port, last: port });
  }
  return portList(ranges);
}

export function portsIn(list: string): number {
  return portRanges(list).reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

export function portsInSlice(slice: PortSlice): number {
  return "top" in slice ? slice.top : portsIn(slice.list);
}

/** A list cut into lists of at most `size` ports each, in the same order. */
export function cutPorts(list: string, size: number): string[] {
  const lists: PortRange[][] = [[]];
  let room = size;
  for (const range of portRanges(list)) {
    for (let { first } = range; first <= range.last; ) {
      if (room === 0) {
        lists.push([]);
        room = size;
      }
      const last = Math.min(range.last, first + room - 1);
      lists.at(-1)?.push({ first, last });
      room -= last - first + 1;
      first = last + 1;
    }
  }
  return lists.map(portList);
}

/**
 * The standard set: what people expose beside the engine's 1,000 most used TCP ports, whose
 * statistics are of Internet hosts of years ago and lack most of today's databases, queues and
 * container hosts. Version it here: a change adds to what scans find.
 */
const standardTcp = {
  databases: [
    1526, 1830, 3050, 5433, 5984, 6333, 6334, 6379, 6380, 6432, 6984, 7199, 7473, 7474, 7687, 8091,
    8092, 8108, 8123, 8125, 8529, 8983, 9042, 9142, 9160, 9300, 11207, 11210, 11211, 16010, 19530,
    21050, 26257, 26379, 27017, 27018, 27019, 28017, 33060,
  ],
  queues: [
    1414, 1883, 2181, 2379, 2380, 2888, 3888, 4222, 4369, 4646, 4647, 4648, 5671, 5672, 6650, 7946,
    8161, 8201, 8301, 8302, 8501, 8502, 8883, 9092, 9093, 9094, 15671, 15672, 25672, 61613, 61614,
    61616,
  ],
  containers: [
    2375, 2376, 2377, 4194, 4243, 6443, 9443, 10249, 10250, 10251, 10252, 10255, 10256, 10257,
    10259, 16443, 32000,
  ],
  windowsAndRemote: [623, 1194, 5358, 5650, 5938, 5985, 5986, 8172, 8530, 8531, 8834, 9389, 30005],
  hypervisorsAndStorage: [
    664, 860, 3205, 5480, 6800, 7480, 8006, 8889, 9440, 10050, 10051, 16509, 16514, 16994, 16995,
    24007,
  ],
  industrial: [
    102, 502, 789, 1911, 1962, 2404, 2455, 4786, 4840, 4843, 4911, 34962, 34963, 34964, 44818,
    47808,
  ],
  printersAndCameras: [7547, 8554, 8611, 8612, 8728, 8729, 34567, 37777],
  webAdministration: [
    4200, 4433, 4440, 4447, 5044, 5601, 7071, 7077, 7180, 7860, 8069, 8111, 8140, 8188, 8265, 8384,
    8444, 8765, 8787, 8880, 9043, 9060, 9864, 9870, 9990, 9993, 10443, 11000, 11434, 18080, 18091,
  ],
} as const;

/** UDP ports that nmap 7.95 has payloads for; a service does not answer without its payload. */
const standardUdp = [
  53, 69, 88, 111, 123, 137, 161, 177, 389, 427, 443, 500, 520, 523, 623, 1194, 1604, 1645, 1701,
  1812, 1900, 2049, 2123, 2152, 3283, 3391, 3478, 5060, 5351, 5353, 5632, 5683, 6481, 10001, 10080,
  11211, 17185, 27015, 44818, 47808, 48899,
];
const gentleUdp = [53, 123, 137, 161, 389, 500, 623, 1900, 5353];

/**
 * Ports where a probe alone can print pages or stop a machine: printers' raw ports and industrial
 * protocols. The gentle profile does not touch them.
 */
export const fragilePorts = listOfPorts([
  102, 502, 515, 789, 1911, 1962, 2222, 2404, 2455, 4840, 9100, 9101, 9102, 9103, 9104, 9105, 9106,
  9107, 9112, 9113, 9114, 9115, 9116, 9220, 9290, 9500, 9999, 20000, 34962, 34963, 34964, 44818,
  47808,
]);

/** The slices of a selection, the ports that matter most first. */
export function slicesOf(selection: PortSelection, profile: ScanProfile): PortSlice[] {
  const gentle = profile === "gentle";
  const added = (Object.keys(standardTcp) as (keyof typeof standardTcp)[])
    .filter((group) => !gentle || group !== "industrial")
    .flatMap((group) => standardTcp[group]);
  const udp = gentle ? gentleUdp : standardUdp;
  switch (selection) {
    case "top-100":
      return [{ protocol: "tcp", top: 100 }];
    case "top-1000":
      return [{ protocol: "tcp", top: 1000 }];
    case "standard":
      return [
        { protocol: "tcp", top: gentle ? 100 : 1000 },
        { protocol: "tcp", list: listOfPorts(added) },
        { protocol: "udp", list: listOfPorts(udp) },
      ];
    case "all":
      return [
        { protocol: "tcp", top: 1000 },
        { protocol: "tcp", list: `1-${highestPort}` },
        { protocol: "udp", list: listOfPorts(udp) },
      ];
  }
}
