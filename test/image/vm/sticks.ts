import { mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

const mib = 2 ** 20;
const sectorBytes = 512;
const startBytes = mib;

/**
 * A USB stick as they are sold: one partition of FAT32 behind a master boot record (Debian's
 * package mtools).
 */
export interface Stick {
  path: string;
  /** Names of the files, as "/outrider-support.tar.gz". */
  files(): Promise<string[]>;
  /** A file that the test finds on the stick later. */
  read(name: string): Promise<Buffer>;
}

export async function makeStick(
  folder: string,
  label: string,
  files: Readonly<Record<string, string>>,
  sizeMib = 96,
): Promise<Stick> {
  const path = join(folder, `${label}.img`);
  const sectors = ((sizeMib - 1) * mib) / sectorBytes;
  const image = await open(path, "w");
  await image.truncate(sizeMib * mib);
  await image.write(bootRecord(startBytes / sectorBytes, sectors), 0);
  await image.close();
  const drive = `${path}@@${startBytes}`;
  await execa("mformat", ["-i", drive, "-F", "-c", "1", "-T", String(sectors), "-v", label, "::"]);
  const content = join(folder, `${label}-content`);
  for (const [name, text] of Object.entries(files)) {
    const file = join(content, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const names = new Set(
    Object.keys(files).map((name) => join(content, name.split("/")[0] ?? name)),
  );
  if (names.size > 0) await execa("mcopy", ["-i", drive, "-s", ...names, "::/"]);
  return {
    path,
    async files() {
      const { stdout } = await execa("mdir", ["-i", drive, "-b", "-/", "::/"]);
      return stdout
        .split("\n")
        .filter((line) => line.startsWith("::/"))
        .map((line) => line.slice("::".length));
    },
    async read(name) {
      const { stdout } = await execa("mcopy", ["-n", "-i", drive, `::${name}`, "-"], {
        encoding: "buffer",
      });
      return Buffer.from(stdout);
    },
  };
}

/**
 * One partition of type 0x0c, FAT32 addressed by sectors; the cylinder fields have the values for
 * disks that have too many cylinders.
 */
function bootRecord(startSector: number, sectors: number): Buffer {
  const record = Buffer.alloc(sectorBytes);
  record.set([0, 0xfe, 0xff, 0xff, 0x0c, 0xfe, 0xff, 0xff], 0x1be);
  record.writeUInt32LE(startSector, 0x1be + 8);
  record.writeUInt32LE(sectors, 0x1be + 12);
  record.set([0x55, 0xaa], 0x1fe);
  return record;
}
