import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { type BuildCache, contentKey } from "../../image/cache/cache.ts";
import { assembleDisk, type Disk, makeExt4, readDisk } from "../../image/disk/disk.ts";
import { partitionId, planDisk } from "../../image/disk/layout.ts";
import type { Workshop } from "../../image/disk/workshop.ts";
import { sourceDateEpoch, suite } from "../../image/root/debian.ts";
import type { Progress } from "../../image/run/progress.ts";

/** A console to log in at, and nothing else. */
const packages = ["systemd-sysv", "udev", "dbus", "login", "kmod", "initramfs-tools", "zstd"];
const options = [
  "--variant=minbase",
  "--mode=root",
  '--aptopt=APT::Install-Recommends "false"',
  '--aptopt=Acquire::Languages "none"',
];
const slot = planDisk().layout["root-a"];
const slotConfiguration = `set arguments="root=PARTUUID=${slot.id} ro console=tty0 console=ttyS0,115200n8 quiet"\n`;

/**
 * The baseline: a default installation of Debian, with the kernel that the appliance has and
 * Debian's own initramfs, on a disk of the same layout with the same boot loader. Its root is an
 * ordinary ext4 that is written to.
 */
export async function buildBareDebian(
  workshop: Workshop,
  kernelVersion: string,
  cache: BuildCache,
  progress: Progress,
): Promise<Disk> {
  const key = contentKey([
    suite,
    kernelVersion,
    workshop.key,
    slotConfiguration,
    ...packages,
    ...options,
  ]);
  const folder = await cache.get("bare", key, (unfinished) =>
    progress.step("Installing a bare Debian to compare with", async (report) => {
      const parts = `${unfinished}.tmp`;
      const root = join(parts, "root");
      await mkdir(parts, { recursive: true });
      try {
        const mirror = process.env.OUTRIDER_DEBIAN_MIRROR
          ? [process.env.OUTRIDER_DEBIAN_MIRROR]
          : [];
        const include = [...packages, `linux-image-${kernelVersion}`].join(",");
        await execa("mmdebstrap", [...options, `--include=${include}`, suite, root, ...mirror], {
          env: { SOURCE_DATE_EPOCH: String(sourceDateEpoch), TMPDIR: parts, LC_ALL: "C.UTF-8" },
          stdin: "ignore",
          all: true,
        });
        await writeFile(join(root, "etc/hostname"), "bare\n");
        await writeFile(join(root, "etc/fstab"), `PARTUUID=${slot.id} / ext4 defaults 0 1\n`);
        await writeFile(join(root, "etc/machine-id"), "");
        for (const file of await readdir(join(root, "boot"))) {
          if (file.startsWith("vmlinuz-"))
            await cp(join(root, "boot", file), join(parts, "vmlinuz"));
          if (file.startsWith("initrd.img-"))
            await cp(join(root, "boot", file), join(parts, "initrd.img"));
        }
        await rm(join(root, "var/cache/apt"), { recursive: true });
        report("making its disk");
        const id = partitionId("bare root file system");
        const make = [
          "-m",
          "1",
          "-E",
          `hash_seed=${id},root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1`,
          "-d",
          "/mnt/out/root",
        ];
        await makeExt4(workshop, parts, "root.img", slot.sizeBytes, id, make);
        const files = {
          kernel: join(parts, "vmlinuz"),
          initramfs: join(parts, "initrd.img"),
          rootImage: join(parts, "root.img"),
        };
        await assembleDisk(unfinished, workshop, { ...files, slotConfiguration });
      } finally {
        await rm(parts, { recursive: true, force: true });
      }
    }),
  );
  return await readDisk(folder, key);
}
