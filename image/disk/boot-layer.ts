import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildCache, contentKey } from "../cache/cache.ts";
import type { Progress } from "../run/progress.ts";
import { parseDrivers, parseModuleIndex, type Selection, selectModules } from "./drivers.ts";
import { planDisk } from "./layout.ts";
import { runInWorkshop, type Workshop } from "./workshop.ts";

const here = dirname(fileURLToPath(import.meta.url));

/** The part of the image that only a virtual machine needs: kernel, initramfs, boot loader. */
export interface BootLayer {
  /** Files on top of the system layer: the kernel's modules, and units that only the VM needs. */
  overlay: string;
  kernel: string;
  initramfs: string;
  kernelVersion: string;
  key: string;
}

/**
 * dracut's modules: systemd is the initramfs' init and finds and mounts the root file system by
 * itself, so no module of dracut's own is needed.
 */
const dracutModules =
  "bash systemd systemd-initrd systemd-tmpfiles systemd-udevd systemd-journald kernel-modules udev-rules";
const initramfsPrograms =
  "e2fsck mount mkdir tr mv sync sh readlink systemd-repart /usr/lib/systemd/systemd-growfs";

const decompress = `
set -eu
while read -r file; do
  mkdir -p "/mnt/out/overlay/usr/lib/modules/$1/\${file%/*}"
  xz -dc "/usr/lib/modules/$1/$file" > "/mnt/out/overlay/usr/lib/modules/$1/\${file%.xz}"
done < /mnt/out/modules.list
for list in modules.order modules.builtin modules.builtin.modinfo; do
  cp "/usr/lib/modules/$1/$list" "/mnt/out/overlay/usr/lib/modules/$1/"
done
depmod -b /mnt/out/overlay -m /usr/lib/modules "$1"
cp "/boot/vmlinuz-$1" /mnt/out/vmlinuz
`;

export async function buildBootLayer(
  workshop: Workshop,
  cache: BuildCache,
  progress: Progress,
): Promise<BootLayer> {
  const drivers = await readFile(join(here, "drivers.txt"), "utf8");
  const files = await treeFiles(join(here, "initramfs"));
  const overlayFiles = await treeFiles(join(here, "overlay"));
  const key = contentKey([
    workshop.key,
    drivers,
    dracutModules,
    initramfsPrograms,
    decompress,
    ...[...files, ...overlayFiles].flatMap(({ path, contents }) => [path, contents]),
    await readFile(fileURLToPath(import.meta.url)),
    await readFile(join(here, "layout.ts")),
  ]);
  const kernelVersion = await findKernel(workshop);
  const folder = await cache.get("boot", key, (unfinished) =>
    progress.step("Choosing the kernel's modules and making the initramfs", async (report) => {
      const index = await readModuleIndex(workshop, kernelVersion);
      const selection = selectModules(index, parseDrivers(drivers));
      await makeOverlay(unfinished, workshop, kernelVersion, selection);
      report("initramfs");
      await makeInitramfs(unfinished, workshop, kernelVersion, selection);
    }),
  );
  return {
    overlay: join(folder, "overlay"),
    kernel: join(folder, "vmlinuz"),
    initramfs: join(folder, "initrd.img"),
    kernelVersion,
    key,
  };
}

export async function readModuleIndex(workshop: Workshop, kernelVersion: string) {
  const folder = join(workshop.folder, "usr/lib/modules", kernelVersion);
  return parseModuleIndex(
    await readFile(join(folder, "modules.dep"), "utf8"),
    await readFile(join(folder, "modules.builtin"), "utf8"),
  );
}

async function findKernel(workshop: Workshop): Promise<string> {
  const [version, ...more] = await readdir(join(workshop.folder, "usr/lib/modules"));
  if (version === undefined || more.length > 0)
    throw new Error("the workshop must have exactly one kernel");
  return version;
}

async function makeOverlay(
  folder: string,
  workshop: Workshop,
  kernelVersion: string,
  selection: Selection,
): Promise<void> {
  const overlay = join(folder, "overlay");
  await mkdir(join(overlay, "usr/lib"), { recursive: true });
  await copyTree(join(here, "overlay"), overlay);
  const wants = join(overlay, "usr/lib/systemd/system/multi-user.target.wants");
  await mkdir(wants, { recursive: true });
  await symlink("../outrider-selftest.service", join(wants, "outrider-selftest.service"));
  await writeFile(join(folder, "modules.list"), `${selection.files.join("\n")}\n`);
  await runInWorkshop(workshop, ["sh", "-c", decompress, "sh", kernelVersion], {
    folders: { out: folder },
  });
}

async function makeInitramfs(
  folder: string,
  workshop: Workshop,
  kernelVersion: string,
  selection: Selection,
): Promise<void> {
  const tree = join(folder, "initramfs");
  await copyTree(join(here, "initramfs"), tree);
  const wants = join(tree, "usr/lib/systemd/system/initrd.target.wants");
  await mkdir(wants, { recursive: true });
  await symlink("../outrider-data.service", join(wants, "outrider-data.service"));
  const modules = `/mnt/out/overlay/usr/lib/modules/${kernelVersion}`;
  await runInWorkshop(
    workshop,
    [
      ...[
        "dracut",
        "--no-hostonly",
        "--no-hostonly-cmdline",
        "--no-early-microcode",
        "--reproducible",
        "--zstd",
        "--force",
        "--quiet",
      ],
      ...[
        "--kver",
        kernelVersion,
        "--kmoddir",
        modules,
        "--modules",
        dracutModules,
        "--install",
        initramfsPrograms,
      ],
      ...[
        "--drivers",
        selection.initramfs.join(" "),
        "--include",
        "/mnt/out/initramfs",
        "/",
        "/mnt/out/initrd.img",
      ],
    ],
    { folders: { out: folder } },
  );
  await rm(tree, { recursive: true });
}

async function copyTree(from: string, to: string): Promise<void> {
  for (const { path, contents } of await treeFiles(from)) {
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, contents);
    await chmod(target, contents.toString("latin1", 0, 2) === "#!" ? 0o755 : 0o644);
  }
}

/** Files of the project, with the ids of this disk's partitions filled in. */
async function treeFiles(folder: string): Promise<{ path: string; contents: Buffer }[]> {
  const { layout } = planDisk();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return await Promise.all(
    paths.sort().map(async (path) => {
      const text = await readFile(join(folder, path), "latin1");
      return {
        path,
        contents: Buffer.from(text.replaceAll("@DATA_PARTITION@", layout.data.id), "latin1"),
      };
    }),
  );
}
