import { sectorBytes } from "./gpt.ts";

/**
 * Does the work of grub-bios-setup without a block device: links GRUB's first sector to its core in
 * the BIOS boot partition. The offsets are from GRUB's include/grub/i386/pc/boot.h.
 */
const boot = { coreSector: 0x5c, drive: 0x64, driveCheck: 0x66, codeBytes: 440 } as const;
/**
 * The core's first sector loads the rest by a list that ends at its end; its first entry: start (8
 * bytes), sectors (2), segment (2).
 */
const firstBlock = 0x1f4;

export interface BiosBoot {
  /** For the disk's first sector. */
  bootCode: Buffer;
  /** For the BIOS boot partition. */
  core: Buffer;
}

export function embedGrub(
  bootImage: Uint8Array,
  coreImage: Uint8Array,
  partition: { offsetBytes: number; sizeBytes: number },
): BiosBoot {
  if (bootImage.length !== sectorBytes || bootImage[510] !== 0x55 || bootImage[511] !== 0xaa)
    throw new SyntaxError("not GRUB's boot.img");
  if (coreImage.length <= sectorBytes || coreImage.length > partition.sizeBytes)
    throw new RangeError("GRUB's core does not fit the BIOS boot partition");
  const firstSector = partition.offsetBytes / sectorBytes;

  const bootCode = Buffer.from(bootImage.subarray(0, boot.codeBytes));
  bootCode.writeBigUInt64LE(BigInt(firstSector), boot.coreSector);
  // 0xff: boot from the drive that the BIOS named.
  bootCode[boot.drive] = 0xff;
  // No operation instead of the jump that would distrust that drive's number; grub-bios-setup does
  // the same on hard disks.
  bootCode.fill(0x90, boot.driveCheck, boot.driveCheck + 2);

  const core = Buffer.from(coreImage);
  const sectors = Math.ceil(core.length / sectorBytes) - 1;
  if (core.readUInt16LE(firstBlock + 8) !== sectors)
    throw new SyntaxError("GRUB's core does not load itself in one piece");
  core.writeBigUInt64LE(BigInt(firstSector + 1), firstBlock);
  return { bootCode, core };
}
