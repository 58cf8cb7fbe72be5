import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { filePart } from "../../../image/ova/sources/byte-source.ts";
import { listUstar, type UstarMember } from "../../../image/ova/ustar.ts";
import { openVmdk } from "../../../image/ova/vmdk/reader.ts";
import manifest from "../../../package.json" with { type: "json" };

export const dist = fileURLToPath(new URL("../../../dist/", import.meta.url));

/**
 * The reason why the tests of the built image do not run. The files in dist/ may be of older
 * sources, unless the command that builds them runs the tests.
 */
export function whyNotBuilt(): string | undefined {
  return process.env.OUTRIDER_VM_TESTS === "1"
    ? process.env.OUTRIDER_VM_OBSTACLE
    : "these run by npm run test:image";
}

/** The file that npm run ova has made here, of this version. */
export function builtFile(extension: "ova" | "qcow2" | "vhdx" | "cdx.json"): string | undefined {
  const path = join(dist, `outrider-${manifest.version}.${extension}`);
  return existsSync(path) ? path : undefined;
}

export function builtOva(): string | undefined {
  return builtFile("ova");
}

async function diskMember(ova: string): Promise<UstarMember> {
  const archive = await open(ova, "r");
  try {
    const member = (await listUstar(archive)).find(({ name }) => name.endsWith(".vmdk"));
    if (!member) throw new Error("the OVA has no disk");
    return member;
  } finally {
    await archive.close();
  }
}

/** Takes the disk out of the OVA as an importer does. */
export async function takeOutDisk(ova: string, folder: string): Promise<string> {
  const { name, offsetBytes, sizeBytes } = await diskMember(ova);
  const path = join(folder, name);
  await pipeline(
    createReadStream(ova, { start: offsetBytes, end: offsetBytes + sizeBytes - 1 }),
    createWriteStream(path),
  );
  return path;
}

/** Writes one stretch of the guest's disk, as a partition, to a file. */
export async function takeOutPart(
  ova: string,
  part: { offsetBytes: number; sizeBytes: number },
  path: string,
): Promise<void> {
  const { offsetBytes, sizeBytes } = await diskMember(ova);
  const archive = await open(ova, "r");
  const output = await open(path, "w");
  try {
    const disk = await openVmdk(filePart(archive, offsetBytes, sizeBytes));
    for await (const { positionBytes, data } of disk.grains()) {
      const position = positionBytes - part.offsetBytes;
      if (position >= 0 && position < part.sizeBytes)
        await output.write(data, 0, data.length, position);
    }
    await output.truncate(part.sizeBytes);
  } finally {
    await output.close();
    await archive.close();
  }
}
