import type { BuildCache } from "../cache/cache.ts";
import { type BootLayer, buildBootLayer } from "../disk/boot-layer.ts";
import { buildDisk, type Disk } from "../disk/disk.ts";
import { buildWorkshop, type Workshop } from "../disk/workshop.ts";
import { buildSystemLayer, type SystemLayer } from "../root/system-layer.ts";
import type { Progress } from "../run/progress.ts";

export interface BuiltDisk {
  disk: Disk;
  system: SystemLayer;
  boot: BootLayer;
  workshop: Workshop;
}

/** The appliance's disk, from the cache where nothing has changed. */
export async function buildApplianceDisk(
  cache: BuildCache,
  progress: Progress,
): Promise<BuiltDisk> {
  const workshop = await buildWorkshop(cache, progress);
  const system = await buildSystemLayer(cache, progress);
  const boot = await buildBootLayer(workshop, cache, progress);
  return {
    workshop,
    system,
    boot,
    disk: await buildDisk({ workshop, system, boot }, cache, progress),
  };
}
