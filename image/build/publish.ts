import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { execa } from "execa";
import type { Disk } from "../disk/disk.ts";
import { makeOva } from "../ova/ova.ts";
import { rawDisk } from "../ova/sources/disk-source.ts";
import { verifyOva } from "../ova/verify.ts";
import { sourceDateEpoch } from "../root/debian.ts";
import type { Progress } from "../run/progress.ts";
import { type Component, renderBill } from "./sbom.ts";

export interface Publication {
  disk: Disk;
  version: string;
  /** dist/ of the project. */
  folder: string;
  licenceText: string;
  components: readonly Component[];
}

export interface PublishedFile {
  path: string;
  sizeBytes: number;
  digest: string;
}

const memoryMib = 2048;
const processors = 2;

/** Makes all files that ship from the checked disk. */
export async function publish(
  { disk, version, folder, licenceText, components }: Publication,
  progress: Progress,
): Promise<PublishedFile[]> {
  await mkdir(folder, { recursive: true });
  const name = `outrider-${version}`;
  const path = (extension: string) => join(folder, `${name}.${extension}`);
  await progress.step(`Writing ${name}.ova`, async (report) => {
    await makeOva({
      diskPath: disk.path,
      extents: disk.extents,
      outputPath: path("ova"),
      appliance: {
        name,
        version,
        fullVersion: `${version} (${disk.key})`,
        processors,
        memoryMib,
        licenceText,
      },
      contentId: contentId(disk.key),
      modifiedSeconds: sourceDateEpoch,
      level: 9,
      onProgress: (doneBytes, totalBytes) =>
        report(`${Math.floor((100 * doneBytes) / totalBytes)} %`),
    });
  });
  await progress.step(`Comparing ${name}.ova with the disk that was checked`, async () => {
    const raw = await open(disk.path, "r");
    try {
      await verifyOva(path("ova"), await rawDisk(raw, disk.extents));
    } finally {
      await raw.close();
    }
  });
  await progress.step(`Writing ${name}.qcow2`, () =>
    convert(disk.path, path("qcow2"), [
      "-O",
      "qcow2",
      "-c",
      "-o",
      "compat=1.1,compression_type=zlib",
    ]),
  );
  await progress.step(`Writing ${name}.vhdx`, () =>
    convert(disk.path, path("vhdx"), ["-O", "vhdx", "-o", "subformat=dynamic,block_size=1M"]),
  );
  await progress.step("Comparing both with the disk that was checked", async () => {
    for (const [extension, format] of [
      ["qcow2", "qcow2"],
      ["vhdx", "vhdx"],
    ] as const) {
      await execa("qemu-img", ["compare", "-f", "raw", "-F", format, disk.path, path(extension)]);
    }
  });
  const timestamp = new Date(sourceDateEpoch * 1000).toISOString();
  await writeFile(
    path("cdx.json"),
    renderBill({ name: "outrider", version, timestamp, components }),
  );

  const files: PublishedFile[] = [];
  await progress.step("Checksums", async () => {
    for (const extension of ["ova", "qcow2", "vhdx", "cdx.json"])
      files.push(await describe(path(extension)));
    await writeFile(
      join(folder, "SHA256SUMS"),
      files.map((file) => `${file.digest}  ${basename(file.path)}\n`).join(""),
    );
  });
  return files;
}

/** A VMDK's content id: eight hexadecimal digits that are not all f. */
export function contentId(key: string): string {
  const id = createHash("sha256").update(key).digest("hex").slice(0, 8);
  return id === "ffffffff" ? "00000000" : id;
}

async function convert(from: string, to: string, options: readonly string[]): Promise<void> {
  await execa("qemu-img", ["convert", "-f", "raw", ...options, from, to]);
}

async function describe(path: string): Promise<PublishedFile> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return { path, sizeBytes: (await stat(path)).size, digest: hash.digest("hex") };
}

export async function readLicence(projectFolder: string): Promise<string> {
  return await readFile(join(projectFolder, "LICENSE"), "utf8");
}
