import { createHash } from "node:crypto";
import { type Gpt, type GptPartition, sectorBytes } from "./gpt.ts";

const mib = 2 ** 20;

export type PartitionName = "biosboot" | "esp" | "boot-a" | "root-a" | "boot-b" | "root-b" | "data";

interface PartitionPlan {
  name: PartitionName;
  typeId: string;
  sizeMib: number;
}

/** Type ids of the UEFI specification and of the Discoverable Partitions Specification. */
const types = {
  biosBoot: "21686148-6449-6e6f-744e-656564454649",
  esp: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
  extendedBoot: "bc13c2ff-59e6-4262-a352-b275fd6f7172",
  rootX86: "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
  linux: "0fc63daf-8483-4772-8e79-3d69d8477de4",
} as const;

/**
 * Two slots of kernel and root, so that an update is written beside the running system. GRUB reads
 * no zstd, so the kernel has a partition of its own. Only the data partition has its type, by which
 * systemd-repart finds the partition to grow.
 */
const plans: readonly PartitionPlan[] = [
  { name: "biosboot", typeId: types.biosBoot, sizeMib: 1 },
  { name: "esp", typeId: types.esp, sizeMib: 128 },
  { name: "boot-a", typeId: types.extendedBoot, sizeMib: 128 },
  { name: "root-a", typeId: types.rootX86, sizeMib: 768 },
  { name: "boot-b", typeId: types.extendedBoot, sizeMib: 128 },
  { name: "root-b", typeId: types.rootX86, sizeMib: 768 },
  { name: "data", typeId: types.linux, sizeMib: 512 },
];

/** The disk that the guest sees. Only parts with data take room in files. */
export const diskBytes = 32 * 1024 * mib;

export interface PartitionPlace {
  /** As counted from 1 by GRUB and the kernel. */
  number: number;
  id: string;
  offsetBytes: number;
  sizeBytes: number;
}

export type Layout = Record<PartitionName, PartitionPlace>;

/** The same for every build: systems find their partitions by these ids. */
export function partitionId(name: string): string {
  const hash = createHash("sha256").update(`outrider ${name}`).digest();
  // RFC 9562 section 5.8: version 8 is for vendor-specific ids.
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex", 0, 16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

export function planDisk(bootCode?: Uint8Array): { gpt: Gpt; layout: Layout } {
  const partitions: GptPartition[] = [];
  const places = new Map<PartitionName, PartitionPlace>();
  let offsetMib = 1;
  for (const { name, typeId, sizeMib } of plans) {
    const place = {
      number: partitions.length + 1,
      id: partitionId(name),
      offsetBytes: offsetMib * mib,
      sizeBytes: sizeMib * mib,
    };
    places.set(name, place);
    partitions.push({
      name,
      typeId,
      id: place.id,
      firstSector: place.offsetBytes / sectorBytes,
      sectors: place.sizeBytes / sectorBytes,
    });
    offsetMib += sizeMib;
  }
  const at = (name: PartitionName): PartitionPlace => {
    const place = places.get(name);
    if (!place) throw new Error(`the disk has no partition ${name}`);
    return place;
  };
  return {
    gpt: {
      diskId: partitionId("disk"),
      diskSectors: diskBytes / sectorBytes,
      partitions,
      ...(bootCode ? { bootCode } : {}),
    },
    layout: {
      biosboot: at("biosboot"),
      esp: at("esp"),
      "boot-a": at("boot-a"),
      "root-a": at("root-a"),
      "boot-b": at("boot-b"),
      "root-b": at("root-b"),
      data: at("data"),
    },
  };
}
