import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { SaxesParser } from "saxes";
import { parseManifest } from "./manifest.ts";
import { filePart } from "./sources/byte-source.ts";
import { blockRuns, type DiskSource } from "./sources/disk-source.ts";
import { listUstar, type UstarMember } from "./ustar.ts";
import { grainBytes } from "./vmdk/format.ts";
import { type OpenVmdk, openVmdk } from "./vmdk/reader.ts";

export interface OvaFacts {
  members: readonly UstarMember[];
  descriptor: string;
  capacityBytes: number;
}

const maxDescriptorBytes = 2 ** 20;

/**
 * Reads the OVA from the file alone, throws on every fault that would stop an importer, and
 * compares its disk with `source` bit by bit.
 */
export async function verifyOva(path: string, source?: DiskSource): Promise<OvaFacts> {
  const archive = await open(path, "r");
  try {
    const members = await listUstar(archive);
    const [ovf, mf, vmdk] = members;
    if (!ovf || !mf || !vmdk || members.length !== 3)
      throw new SyntaxError("an OVA of ours has a descriptor, a manifest and one disk");
    if (!ovf.name.endsWith(".ovf") || !mf.name.endsWith(".mf") || !vmdk.name.endsWith(".vmdk"))
      throw new SyntaxError("the OVA's members are out of order");
    const digests = parseManifest((await content(archive, mf)).toString("latin1"));
    for (const member of [ovf, vmdk]) {
      if (digests.get(member.name) !== (await digest(archive, member)))
        throw new SyntaxError(`the manifest's digest of ${member.name} is wrong`);
    }
    const descriptor = (await content(archive, ovf)).toString("utf8");
    const disk = await openVmdk(filePart(archive, vmdk.offsetBytes, vmdk.sizeBytes));
    checkReferences(descriptor, vmdk, disk);
    await (source ? compareDisk(disk, source) : walkAll(disk));
    return { members, descriptor, capacityBytes: disk.capacityBytes };
  } finally {
    await archive.close();
  }
}

function content(archive: FileHandle, member: UstarMember): Promise<Buffer> {
  if (member.sizeBytes > maxDescriptorBytes) throw new RangeError(`${member.name} is too large`);
  return filePart(archive, member.offsetBytes, member.sizeBytes).read(0, member.sizeBytes);
}

async function digest(archive: FileHandle, member: UstarMember): Promise<string> {
  const hash = createHash("sha256");
  const part = filePart(archive, member.offsetBytes, member.sizeBytes);
  const step = 1 << 20;
  for (let position = 0; position < member.sizeBytes; position += step)
    hash.update(await part.read(position, Math.min(step, member.sizeBytes - position)));
  return hash.digest("hex");
}

function checkReferences(descriptor: string, vmdk: UstarMember, disk: OpenVmdk): void {
  const attributes = new Map<string, string>();
  const parser = new SaxesParser();
  parser.on("doctype", () => {
    throw new SyntaxError("the descriptor has a document type");
  });
  parser.on("opentag", ({ name, attributes: found }) => {
    if (name === "File" || name === "Disk")
      for (const [key, value] of Object.entries(found)) attributes.set(`${name} ${key}`, value);
  });
  parser.write(descriptor).close();
  const expected: Record<string, string> = {
    "File ovf:href": vmdk.name,
    "File ovf:size": String(vmdk.sizeBytes),
    "Disk ovf:capacity": String(disk.capacityBytes / 2 ** 20),
    "Disk ovf:capacityAllocationUnits": "byte * 2^20",
  };
  for (const [key, value] of Object.entries(expected)) {
    if (attributes.get(key) !== value)
      throw new SyntaxError(
        `the descriptor says ${key}=${attributes.get(key)}, but it is ${value}`,
      );
  }
}

/**
 * Goes through disk and VMDK side by side: every block of the disk must be a grain with the same
 * bytes, or zeros without a grain.
 */
async function compareDisk(vmdk: OpenVmdk, source: DiskSource): Promise<void> {
  if (vmdk.capacityBytes !== source.capacityBytes)
    throw new SyntaxError("the VMDK's capacity is not that of the disk");
  const grains = vmdk.grains();
  let next = await grains.next();
  for (const { first, end } of blockRuns(source, grainBytes)) {
    for (let block = first; block < end; block++) {
      const positionBytes = block * grainBytes;
      const expected = Buffer.alloc(grainBytes);
      await source.read(
        positionBytes,
        expected.subarray(0, Math.min(grainBytes, source.capacityBytes - positionBytes)),
      );
      if (!next.done && next.value.positionBytes === positionBytes) {
        if (!next.value.data.equals(expected))
          throw new SyntaxError(`the VMDK differs from the disk at byte ${positionBytes}`);
        next = await grains.next();
      } else if (expected.some((byte) => byte !== 0)) {
        throw new SyntaxError(`the VMDK lacks the disk's data at byte ${positionBytes}`);
      }
    }
  }
  if (!next.done)
    throw new SyntaxError(
      `the VMDK has data at byte ${next.value.positionBytes} where the disk has none`,
    );
}

async function walkAll(vmdk: OpenVmdk): Promise<void> {
  for await (const _ of vmdk.grains());
}
