import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { SaxesParser } from "saxes";
import { filePart } from "./byte-source.ts";
import { parseManifest } from "./manifest.ts";
import { listUstar, type UstarMember } from "./ustar.ts";
import { type OpenVmdk, openVmdk } from "./vmdk/reader.ts";

export interface OvaFacts {
  members: readonly UstarMember[];
  descriptor: string;
  capacityBytes: number;
  /** Digest of the guest's disk as a raw file would have it: the same as that of the disk that was booted. */
  diskDigest: string;
}

const maxDescriptorBytes = 2 ** 20;

/** Reads an OVA again from the file alone, and fails on whatever an importer would stumble over. */
export async function verifyOva(path: string): Promise<OvaFacts> {
  const archive = await open(path, "r");
  try {
    const members = await listUstar(archive);
    const [ovf, mf, vmdk] = members;
    if (!ovf || !mf || !vmdk || members.length !== 3) throw new SyntaxError("an OVA of ours has a descriptor, a manifest and one disk");
    if (!ovf.name.endsWith(".ovf") || !mf.name.endsWith(".mf") || !vmdk.name.endsWith(".vmdk")) throw new SyntaxError("the OVA's members are out of order");
    const digests = parseManifest((await content(archive, mf)).toString("latin1"));
    for (const member of [ovf, vmdk]) {
      if (digests.get(member.name) !== (await digest(archive, member))) throw new SyntaxError(`the manifest's digest of ${member.name} is wrong`);
    }
    const descriptor = (await content(archive, ovf)).toString("utf8");
    const disk = await openVmdk(filePart(archive, vmdk.offsetBytes, vmdk.sizeBytes));
    checkReferences(descriptor, vmdk, disk);
    return { members, descriptor, capacityBytes: disk.capacityBytes, diskDigest: await digestDisk(disk) };
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
  for (let position = 0; position < member.sizeBytes; position += step) hash.update(await part.read(position, Math.min(step, member.sizeBytes - position)));
  return hash.digest("hex");
}

function checkReferences(descriptor: string, vmdk: UstarMember, disk: OpenVmdk): void {
  const attributes = new Map<string, string>();
  const parser = new SaxesParser();
  parser.on("doctype", () => {
    throw new SyntaxError("the descriptor has a document type");
  });
  parser.on("opentag", ({ name, attributes: found }) => {
    if (name === "File" || name === "Disk") for (const [key, value] of Object.entries(found)) attributes.set(`${name} ${key}`, value);
  });
  parser.write(descriptor).close();
  const expected: Record<string, string> = {
    "File ovf:href": vmdk.name,
    "File ovf:size": String(vmdk.sizeBytes),
    "Disk ovf:capacity": String(disk.capacityBytes / 2 ** 20),
    "Disk ovf:capacityAllocationUnits": "byte * 2^20",
  };
  for (const [key, value] of Object.entries(expected)) {
    if (attributes.get(key) !== value) throw new SyntaxError(`the descriptor says ${key}=${attributes.get(key)}, but it is ${value}`);
  }
}

/** Digest of the whole guest's disk; the holes are hashed as the zeros that they are. */
export async function digestDisk(disk: OpenVmdk): Promise<string> {
  const hash = createHash("sha256");
  const zeros = Buffer.alloc(1 << 22);
  let position = 0;
  const fill = (end: number) => {
    for (; position < end; position += Math.min(zeros.length, end - position)) hash.update(zeros.subarray(0, Math.min(zeros.length, end - position)));
  };
  for await (const { positionBytes, data } of disk.grains()) {
    fill(positionBytes);
    const length = Math.min(data.length, disk.capacityBytes - positionBytes);
    hash.update(data.subarray(0, length));
    position += length;
  }
  fill(disk.capacityBytes);
  return hash.digest("hex");
}
