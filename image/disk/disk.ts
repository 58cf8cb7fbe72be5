import { type FileHandle, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Type } from "@sinclair/typebox";
import { compileValidators } from "../../src/base/validation.ts";
import { type BuildCache, contentKey } from "../cache/cache.ts";
import type { Extent } from "../ova/sources/disk-source.ts";
import type { SystemLayer } from "../root/system-layer.ts";
import type { Progress } from "../run/progress.ts";
import { embedGrub } from "./bios-boot.ts";
import type { BootLayer } from "./boot-layer.ts";
import { encodeGpt } from "./gpt.ts";
import { type Layout, type PartitionPlace, partitionId, planDisk } from "./layout.ts";
import { runInWorkshop, type Workshop } from "./workshop.ts";

const here = dirname(fileURLToPath(import.meta.url));

export interface Disk {
  /** Raw and sparse. Machines boot it only through an overlay. */
  path: string;
  /** Its extents with data. */
  extents: readonly Extent[];
  key: string;
}

export interface DiskParts {
  workshop: Workshop;
  system: SystemLayer;
  boot: BootLayer;
}

const checkExtents = compileValidators({
  extents: Type.Array(
    Type.Object(
      { offsetBytes: Type.Integer({ minimum: 0 }), lengthBytes: Type.Integer({ minimum: 1 }) },
      { additionalProperties: false },
    ),
  ),
});

const squashOptions = [
  "-comp",
  "zstd",
  "-Xcompression-level",
  "15",
  "-b",
  "131072",
  "-noappend",
  "-no-xattrs",
  "-percentage",
  "-processors",
  "2",
];

/** Modules of GRUB that read the disk, choose a slot and start it, on a BIOS. */
const grubModules =
  "biosdisk part_gpt fat ext2 normal configfile loadenv regexp test echo linux boot sleep reboot".split(
    " ",
  );

export async function buildDisk(
  parts: DiskParts,
  cache: BuildCache,
  progress: Progress,
): Promise<Disk> {
  const rootKey = contentKey([
    parts.workshop.key,
    parts.system.key,
    parts.boot.key,
    ...squashOptions,
  ]);
  const root = await cache.get("root", rootKey, (folder) =>
    progress.step("Compressing the root file system", async (report) => {
      await mkdir(folder, { recursive: true });
      await runInWorkshop(
        parts.workshop,
        ["mksquashfs", "/mnt/root", "/mnt/out/root.squashfs", ...squashOptions],
        {
          folders: { out: folder },
          layers: [parts.boot.overlay, parts.system.folder],
          onLine: (line) => {
            if (/^\d+$/.test(line)) report(`${line} %`);
          },
        },
      );
    }),
  );
  const rootImage = join(root, "root.squashfs");
  const bootFiles = await Promise.all(
    ["grub.cfg", "early.cfg", "efi.cfg", "slot.cfg"].map((name) =>
      readFile(join(here, "boot", name), "utf8"),
    ),
  );
  const sources = await Promise.all(
    ["disk.ts", "layout.ts", "gpt.ts", "bios-boot.ts"].map((name) => readFile(join(here, name))),
  );
  const key = contentKey([rootKey, ...bootFiles, ...sources]);
  const slotConfiguration = await bootFile("slot.cfg", planDisk().layout);
  const folder = await cache.get("disk", key, (unfinished) =>
    progress.step("Putting the disk together", () =>
      assembleDisk(unfinished, parts.workshop, { ...parts.boot, slotConfiguration, rootImage }),
    ),
  );
  return readDisk(folder, key);
}

/** The files that one slot boots. */
export interface Slot {
  kernel: string;
  initramfs: string;
  /** The kernel's arguments, as GRUB reads them. */
  slotConfiguration: string;
  rootImage: string;
}

/** A disk that was built before, in its folder. */
export async function readDisk(folder: string, key: string): Promise<Disk> {
  const extents = checkExtents.extents(
    JSON.parse(await readFile(join(folder, "extents.json"), "utf8")),
  );
  if (!extents.valid) throw new Error(`${folder}/extents.json is damaged; remove that folder`);
  return { path: join(folder, "disk.raw"), extents: extents.value, key };
}

/** Writes disk.raw and extents.json. */
export async function assembleDisk(folder: string, workshop: Workshop, slot: Slot): Promise<void> {
  const parts = join(folder, "parts");
  await mkdir(parts, { recursive: true });
  const { layout } = planDisk();
  await makeEsp(parts, workshop, layout);
  await makeBootSlot(parts, workshop, slot, layout);
  await makeData(parts, workshop, layout);
  const { bootCode, core } = await makeBiosBoot(parts, workshop, layout);

  const disk = await open(join(folder, "disk.raw"), "wx", 0o644);
  const extents: Extent[] = [];
  try {
    const put = async (offsetBytes: number, data: Uint8Array) => {
      await disk.write(data, 0, data.length, offsetBytes);
      extents.push({ offsetBytes, lengthBytes: data.length });
    };
    await disk.truncate(planDisk().gpt.diskSectors * 512);
    for (const { offsetBytes, data } of encodeGpt(planDisk(bootCode).gpt))
      await put(offsetBytes, data);
    await put(layout.biosboot.offsetBytes, core);
    await putImage(join(parts, "esp.img"), layout.esp, put);
    await putImage(join(parts, "boot.img"), layout["boot-a"], put);
    await putImage(slot.rootImage, layout["root-a"], put);
    await putImage(join(parts, "data.img"), layout.data, put);
    await disk.sync();
  } finally {
    await disk.close();
  }
  await writeFile(
    join(folder, "extents.json"),
    JSON.stringify(extents.sort((a, b) => a.offsetBytes - b.offsetBytes)),
  );
  await rm(parts, { recursive: true });
}

const blockBytes = 64 * 1024;

/** Copies the non-zero extents of a partition's image into the partition. */
async function putImage(
  path: string,
  place: PartitionPlace,
  put: (offsetBytes: number, data: Uint8Array) => Promise<void>,
): Promise<void> {
  const image = await open(path, "r");
  try {
    const { size } = await image.stat();
    if (size > place.sizeBytes)
      throw new RangeError(`${path} has ${size} bytes, its partition ${place.sizeBytes}`);
    for (let position = 0; position < size; position += blockBytes) {
      const block = await readBlock(image, position, Math.min(blockBytes, size - position));
      if (block.some((byte) => byte !== 0)) await put(place.offsetBytes + position, block);
    }
  } finally {
    await image.close();
  }
}

async function readBlock(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const block = Buffer.alloc(length);
  const { bytesRead } = await file.read(block, 0, length, position);
  if (bytesRead !== length) throw new RangeError("the image ended early");
  return block;
}

/** A configuration of GRUB's with this disk's numbers and ids filled in. */
async function bootFile(name: string, layout: Layout): Promise<string> {
  const values: Record<string, string> = {
    "@ESP_NUMBER@": String(layout.esp.number),
    "@BOOT_A_NUMBER@": String(layout["boot-a"].number),
    "@BOOT_B_NUMBER@": String(layout["boot-b"].number),
    "@ROOT_A_PARTITION@": layout["root-a"].id,
    "@ROOT_B_PARTITION@": layout["root-b"].id,
  };
  const text = await readFile(join(here, "boot", name), "utf8");
  return text.replace(/@[A-Z_]+@/g, (placeholder) => {
    const value = values[placeholder];
    if (value === undefined) throw new Error(`${name} has an unknown ${placeholder}`);
    return value;
  });
}

/** grub-editenv's format: exactly 1024 bytes, so that GRUB can rewrite them in place. */
export function grubEnvironment(values: Record<string, string>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  const text = `# GRUB Environment Block\n${lines.join("")}`;
  if (text.length > 1024) throw new RangeError("too much for GRUB's environment");
  return text.padEnd(1024, "#");
}

const makeEspScript = `
set -eu
cd /mnt/out
truncate -s "$1" esp.img
mkfs.vfat --invariant -i "$2" -n OUTRIDER -F 32 esp.img
mmd -i esp.img ::/EFI ::/EFI/BOOT ::/EFI/debian ::/grub
mcopy -i esp.img /usr/lib/shim/shimx64.efi.signed ::/EFI/BOOT/BOOTX64.EFI
mcopy -i esp.img /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed ::/EFI/BOOT/grubx64.efi
mcopy -i esp.img efi.cfg ::/EFI/debian/grub.cfg
mcopy -i esp.img grub.cfg grubenv ::/grub/
`;

async function makeEsp(folder: string, workshop: Workshop, layout: Layout): Promise<void> {
  await writeFile(join(folder, "efi.cfg"), await bootFile("efi.cfg", layout));
  await writeFile(join(folder, "grub.cfg"), await bootFile("grub.cfg", layout));
  await writeFile(join(folder, "grubenv"), grubEnvironment({ ORDER: "A B" }));
  const volumeId = partitionId("esp volume").slice(0, 8);
  await runInWorkshop(
    workshop,
    ["sh", "-c", makeEspScript, "sh", String(layout.esp.sizeBytes), volumeId],
    { folders: { out: folder } },
  );
}

const makeExt4Script = `
set -eu
image=$1 size=$2 id=$3
shift 3
truncate -s "$size" "/mnt/out/$image"
mke2fs -q -t ext4 -F -b 4096 -I 256 -U "$id" "$@" "/mnt/out/$image"
`;

/** Makes a file system of that size in `folder`; the options name the folder as /mnt/out. */
export async function makeExt4(
  workshop: Workshop,
  folder: string,
  name: string,
  sizeBytes: number,
  id: string,
  options: readonly string[],
): Promise<void> {
  await runInWorkshop(
    workshop,
    ["sh", "-c", makeExt4Script, "sh", name, String(sizeBytes), id, ...options],
    { folders: { out: folder } },
  );
}

async function makeBootSlot(
  folder: string,
  workshop: Workshop,
  slot: Slot,
  layout: Layout,
): Promise<void> {
  const content = join(folder, "slot");
  await mkdir(content);
  await writeFile(join(content, "slot.cfg"), slot.slotConfiguration);
  await writeFile(join(content, "vmlinuz"), await readFile(slot.kernel));
  await writeFile(join(content, "initrd.img"), await readFile(slot.initramfs));
  // Only GRUB reads it, and only reads: no journal, and no features that GRUB does not support.
  const features = "^has_journal,^metadata_csum_seed,^orphan_file,^64bit";
  const id = partitionId("boot slot file system");
  const options = [
    "-m",
    "0",
    "-N",
    "16",
    "-O",
    features,
    "-E",
    `hash_seed=${id},root_owner=0:0,lazy_itable_init=1`,
    "-d",
    "/mnt/out/slot",
  ];
  await makeExt4(workshop, folder, "boot.img", layout["boot-a"].sizeBytes, id, options);
}

async function makeData(folder: string, workshop: Workshop, layout: Layout): Promise<void> {
  const id = partitionId("data file system");
  // One inode for 16 KiB and a journal of 64 MiB suit the file system after it has grown; by
  // default mkfs would choose fewer and less for its first size.
  const options = [
    "-L",
    "data",
    "-m",
    "1",
    "-i",
    "16384",
    "-J",
    "size=64",
    "-E",
    `hash_seed=${id},root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1`,
  ];
  await makeExt4(workshop, folder, "data.img", layout.data.sizeBytes, id, options);
}

async function makeBiosBoot(folder: string, workshop: Workshop, layout: Layout) {
  await writeFile(join(folder, "early.cfg"), await bootFile("early.cfg", layout));
  await runInWorkshop(
    workshop,
    [
      "grub-mkimage",
      "-O",
      "i386-pc",
      "-p",
      "/grub",
      "-c",
      "/mnt/out/early.cfg",
      "-o",
      "/mnt/out/core.img",
      ...grubModules,
    ],
    {
      folders: { out: folder },
    },
  );
  const bootImage = await readFile(join(workshop.folder, "usr/lib/grub/i386-pc/boot.img"));
  return embedGrub(bootImage, await readFile(join(folder, "core.img")), layout.biosboot);
}
