import { createHash } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { buildApplianceDisk } from "../../../image/build/build-disk.ts";
import { BuildCache, cacheFolder } from "../../../image/cache/cache.ts";
import type { Disk } from "../../../image/disk/disk.ts";
import { rawDisk } from "../../../image/ova/sources/disk-source.ts";
import { silentProgress } from "../../../image/run/progress.ts";
import { missingTool, titled } from "../../testkit/image/tools.ts";
import { whyNotBuilt } from "../built/ova-disk.ts";

const missing =
  whyNotBuilt() ??
  (process.getuid?.() === 0 ? missingTool("mmdebstrap", "mmdebstrap") : "not root");

(missing ? test.skip : test)(
  titled("the disk built twice, the second time from nothing, is the same bit for bit", missing),
  async (t) => {
    t.timeout(40 * 60_000);
    // Not below /tmp when that is small: a build takes about 2 GB.
    const folder = await mkdtemp(join(process.env.OUTRIDER_SCRATCH ?? tmpdir(), "outrider-twice-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const first = await buildApplianceDisk(new BuildCache(cacheFolder()), silentProgress);
    const second = await buildApplianceDisk(new BuildCache(folder), silentProgress);
    t.is(second.disk.key, first.disk.key);
    t.deepEqual(second.disk.extents, first.disk.extents);
    t.is(await digest(second.disk), await digest(first.disk));
  },
);

async function digest(disk: Disk): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(disk.path, "r");
  try {
    const source = await rawDisk(file, disk.extents);
    for (const { offsetBytes, lengthBytes } of disk.extents) {
      const data = Buffer.alloc(lengthBytes);
      await source.read(offsetBytes, data);
      hash.update(data);
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}
