import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { type BuildCache, contentKey } from "../cache/cache.ts";
import { readPackageList, sourceDateEpoch, suite } from "../root/debian.ts";
import type { Progress } from "../run/progress.ts";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * A root folder of the appliance's Debian release with the tools that make its disk, and with its
 * kernel and boot loaders. The host's tools have other versions, so they make nothing that ships.
 */
export interface Workshop {
  folder: string;
  key: string;
}

const mmdebstrapOptions = [
  "--variant=essential",
  "--mode=root",
  '--aptopt=APT::Install-Recommends "false"',
  '--aptopt=Acquire::Languages "none"',
  ...["man", "info", "locale", "bash-completion"].map(
    (folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
  ),
  "--dpkgopt=path-exclude=/usr/share/doc/*",
  "--dpkgopt=path-include=/usr/share/doc/*/copyright",
  // The kernel's package would have an initramfs made for the build machine; ours is made later, of
  // chosen modules.
  "--dpkgopt=path-exclude=/etc/kernel/postinst.d/*",
  '--essential-hook=install -D -m 755 /bin/true "$1/etc/kernel/postinst.d/dracut"',
];

export async function buildWorkshop(cache: BuildCache, progress: Progress): Promise<Workshop> {
  const packages = await readPackageList(join(here, "workshop-packages.txt"));
  const key = contentKey([suite, ...mmdebstrapOptions, ...packages]);
  const folder = await cache.get("workshop", key, (unfinished) =>
    progress.step("Installing kernel, boot loaders and the tools that make the disk", async () => {
      const temporary = `${unfinished}.tmp`;
      await mkdir(temporary, { recursive: true });
      try {
        const mirror = process.env.OUTRIDER_DEBIAN_MIRROR
          ? [process.env.OUTRIDER_DEBIAN_MIRROR]
          : [];
        await execa(
          "mmdebstrap",
          [...mmdebstrapOptions, `--include=${packages.join(",")}`, suite, unfinished, ...mirror],
          {
            env: {
              SOURCE_DATE_EPOCH: String(sourceDateEpoch),
              TMPDIR: temporary,
              LC_ALL: "C.UTF-8",
            },
            stdin: "ignore",
            all: true,
          },
        );
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    }),
  );
  return { folder, key };
}

export interface WorkshopRun {
  /** Folders of the host that appear below /mnt, by the name there. */
  folders: Readonly<Record<string, string>>;
  /** Folders of the host, the uppermost first, that appear together and read-only as /mnt/root. */
  layers?: readonly string[];
  onLine?: (line: string) => void;
}

/** Mounts of a namespace of its own: they are gone with it, however it ends. */
const enter = `
set -eu
workshop=$1; shift
mount -t proc proc "$workshop/proc"
mount -t tmpfs -o mode=1777 tmp "$workshop/tmp"
mount -t tmpfs -o mode=1777 tmp "$workshop/var/tmp"
mount -t tmpfs -o mode=0755 work "$workshop/mnt"
mount --bind /dev "$workshop/dev"
while [ "$1" != -- ]; do
  mkdir -p "$workshop/mnt/$1"
  case $2 in
    lowerdir=*) mount -t overlay -o "ro,$2" overlay "$workshop/mnt/$1" ;;
    *) mount --bind "$2" "$workshop/mnt/$1" ;;
  esac
  shift 2
done
shift
exec chroot "$workshop" "$@"
`;

/** Runs one of the workshop's tools; its input and output are below /mnt. */
export async function runInWorkshop(
  { folder }: Workshop,
  command: readonly string[],
  { folders, layers, onLine }: WorkshopRun,
): Promise<void> {
  const mounts = Object.entries(folders).flat();
  if (layers) mounts.push("root", `lowerdir=${layers.join(":")}`);
  const running = execa(
    "unshare",
    [
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      enter,
      "sh",
      folder,
      ...mounts,
      "--",
      ...command,
    ],
    {
      env: {
        SOURCE_DATE_EPOCH: String(sourceDateEpoch),
        LC_ALL: "C.UTF-8",
        PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      },
      extendEnv: false,
      stdin: "ignore",
      all: true,
      reject: false,
    },
  );
  if (onLine) for await (const line of running.iterable({ from: "all" })) onLine(line);
  const { exitCode, all, originalMessage } = await running;
  if (exitCode !== 0)
    throw new Error(
      `${command[0]} failed in the workshop: ${(all || originalMessage || `exit code ${exitCode}`).slice(-2000)}`,
    );
}
