import { open, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type ApplianceDescription, renderDescriptor } from "./descriptor.ts";
import { digestFile, renderManifest } from "./manifest.ts";
import { type Extent, rawDisk } from "./sources/disk-source.ts";
import { writeUstar } from "./ustar.ts";
import { type VmdkOptions, writeVmdk } from "./vmdk/writer.ts";

export interface OvaInput {
  /** The raw disk, and its extents with data (absent, the whole disk). */
  diskPath: string;
  extents?: readonly Extent[];
  /** Path of the .ova; the files inside take its name. */
  outputPath: string;
  appliance: Omit<ApplianceDescription, "disk">;
  contentId: string;
  /** Time stamp of the archive's members, in seconds since 1970. */
  modifiedSeconds: number;
  level?: number;
  signal?: AbortSignal;
  onProgress?: VmdkOptions["onProgress"];
}

/**
 * Makes an OVA of a raw disk: descriptor, manifest, disk, in the order that streaming importers
 * need.
 */
export async function makeOva(input: OvaInput): Promise<void> {
  const stem = basename(input.outputPath, ".ova");
  const folder = dirname(input.outputPath);
  const names = { ovf: `${stem}.ovf`, mf: `${stem}.mf`, vmdk: `${stem}-disk1.vmdk` };
  const paths = {
    ovf: join(folder, `.${names.ovf}`),
    mf: join(folder, `.${names.mf}`),
    vmdk: join(folder, `.${names.vmdk}`),
  };
  try {
    const disk = await open(input.diskPath, "r");
    try {
      const source = await rawDisk(disk, input.extents);
      const { level, signal, onProgress } = input;
      const vmdk = await writeVmdk(paths.vmdk, source, {
        fileName: names.vmdk,
        contentId: input.contentId,
        ...(level === undefined ? {} : { level }),
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined ? {} : { onProgress }),
      });
      const descriptor = renderDescriptor({
        ...input.appliance,
        disk: {
          fileName: names.vmdk,
          fileSizeBytes: vmdk.sizeBytes,
          capacityBytes: source.capacityBytes,
          populatedBytes: vmdk.populatedBytes,
        },
      });
      await writeFile(paths.ovf, descriptor);
    } finally {
      await disk.close();
    }
    const digests = new Map([
      [names.ovf, await digestFile(paths.ovf)],
      [names.vmdk, await digestFile(paths.vmdk)],
    ]);
    await writeFile(paths.mf, renderManifest(digests));
    const members = [
      { name: names.ovf, path: paths.ovf },
      { name: names.mf, path: paths.mf },
      { name: names.vmdk, path: paths.vmdk },
    ];
    await writeUstar(input.outputPath, members, input.modifiedSeconds);
  } finally {
    for (const path of Object.values(paths)) await rm(path, { force: true });
  }
}
