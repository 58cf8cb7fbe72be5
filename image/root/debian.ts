import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/** Debian's release of everything that is built here. */
export const suite = "trixie";
/** Times of files that the build makes; the packages' own files keep theirs. */
export const sourceDateEpoch = 1_767_225_600;

const mmdebstrapOptions = [
  "--variant=essential",
  "--mode=root",
  '--aptopt=APT::Install-Recommends "false"',
  '--aptopt=Acquire::Languages "none"',
  // The licences stay; manuals and translations are for people at a shell, so they go.
  ...["man", "info", "locale", "lintian", "bash-completion", "zsh", "fish"].map(
    (folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
  ),
  "--dpkgopt=path-exclude=/usr/share/doc/*",
  "--dpkgopt=path-include=/usr/share/doc/*/copyright",
];

/** mmdebstrap's messages, in their order. */
const stages = [
  "running apt-get update",
  "downloading packages",
  "extracting archives",
  "installing essential",
  "installing remaining",
  "cleaning",
];

export async function readPackageList(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "")
    .sort();
}

/** All inputs of `buildDebianTree`; together they are the cache's key. */
export function debianTreeInputs(packages: readonly string[]): string[] {
  return [suite, String(sourceDateEpoch), ...mmdebstrapOptions, ...packages];
}

/**
 * A script that finishes the tree while apt can still be used in it, as a customize-hook of
 * mmdebstrap(1), and the script's environment.
 */
export interface Finish {
  script: string;
  environment: Readonly<Record<string, string>>;
}

/**
 * Installs Debian packages into a new folder, from mmdebstrap's default mirror with its updates and
 * security, or from the one that $OUTRIDER_DEBIAN_MIRROR names.
 */
export async function buildDebianTree(
  folder: string,
  packages: readonly string[],
  report: (howFar: string) => void,
  finishes: readonly Finish[] = [],
): Promise<void> {
  const temporary = `${folder}.tmp`;
  await mkdir(temporary, { recursive: true });
  try {
    const mirror = process.env.OUTRIDER_DEBIAN_MIRROR ? [process.env.OUTRIDER_DEBIAN_MIRROR] : [];
    const hooks = finishes.map(({ script }) => `--customize-hook=${script}`);
    const build = execa(
      "mmdebstrap",
      [...mmdebstrapOptions, ...hooks, `--include=${packages.join(",")}`, suite, folder, ...mirror],
      {
        env: {
          ...Object.assign({}, ...finishes.map(({ environment }) => environment)),
          SOURCE_DATE_EPOCH: String(sourceDateEpoch),
          TMPDIR: temporary,
          LC_ALL: "C.UTF-8",
        },
        stdin: "ignore",
        all: true,
      },
    );
    for await (const line of build.iterable({ from: "all" })) {
      const stage = stages.findIndex((message) => line.includes(message));
      if (stage >= 0)
        report(`${stage + 1} of ${stages.length}, ${line.replace(/^I: /, "").replace(/\.+$/, "")}`);
    }
    await build;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  await removeTraces(folder);
}

/** Files in the tree that depend on the host or on the moment of building. */
async function removeTraces(folder: string): Promise<void> {
  const traces = [
    "etc/resolv.conf",
    "etc/hostname",
    "var/lib/apt",
    "var/cache/apt",
    "var/log/apt",
    "var/log/dpkg.log",
    "var/log/alternatives.log",
    "var/log/bootstrap.log",
  ];
  for (const trace of [
    ...traces,
    "var/cache/debconf",
    "var/cache/ldconfig",
    "var/lib/dpkg/status-old",
    "var/lib/dpkg/available",
    "etc/apt",
    "etc/.pwd.lock",
  ]) {
    await rm(join(folder, trace), { recursive: true, force: true });
  }
  await writeFile(join(folder, "etc/machine-id"), "");
}
