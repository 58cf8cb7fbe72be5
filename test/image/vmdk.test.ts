import { execFile } from "node:child_process";
import { appendFile, mkdtemp, open, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { type ByteSource, filePart } from "../../image/ova/sources/byte-source.ts";
import type { DiskSource } from "../../image/ova/sources/disk-source.ts";
import { grainBytes, planLayout, sectorBytes } from "../../image/ova/vmdk/format.ts";
import { openVmdk } from "../../image/ova/vmdk/reader.ts";
import { writeVmdk } from "../../image/ova/vmdk/writer.ts";
import { missingTool, titled } from "../testkit/image/tools.ts";

const run = promisify(execFile);
const options = { fileName: "sample-disk1.vmdk", contentId: "0123abcd" };
const mib = 2 ** 20;

/** A disk in memory with some text at each of the positions. */
function diskWith(
  capacityBytes: number,
  places: readonly number[],
): { source: DiskSource; content: Buffer } {
  const content = Buffer.alloc(capacityBytes);
  for (const place of places) content.write(`data at ${place}`, place, "latin1");
  return { content, source: memoryDisk(content) };
}

function memoryDisk(content: Buffer): DiskSource {
  return {
    capacityBytes: content.length,
    extents: [{ offsetBytes: 0, lengthBytes: content.length }],
    read: async (position, buffer) => {
      content.copy(buffer, 0, position, position + buffer.length);
    },
  };
}

async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-vmdk-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function memorySource(bytes: Buffer): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async (position, lengthBytes) => {
      if (position + lengthBytes > bytes.length) throw new RangeError("read outside the file");
      return bytes.subarray(position, position + lengthBytes);
    },
  };
}

/** The guest's disk, read back from the file by its markers. */
async function readBack(source: ByteSource): Promise<Buffer> {
  const vmdk = await openVmdk(source);
  const content = Buffer.alloc(Math.ceil(vmdk.capacityBytes / grainBytes) * grainBytes);
  for await (const { positionBytes, data } of vmdk.grains()) data.copy(content, positionBytes);
  return content.subarray(0, vmdk.capacityBytes);
}

test("what is written is read back, holes and a broken last grain included", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  const capacity = 40 * mib + 5 * sectorBytes;
  const { source, content } = diskWith(capacity, [
    0,
    65_535,
    7 * mib,
    33 * mib + 100,
    capacity - 60,
  ]);
  const written = await writeVmdk(path, source, options);
  const file = await readFile(path);
  t.is(written.sizeBytes, file.length);
  t.is(written.populatedBytes, 5 * grainBytes);
  t.true((await readBack(memorySource(file))).equals(content));
});

test("the same disk gives the same file", async (t) => {
  const folder = await temporaryFolder(t);
  const { source } = diskWith(4 * mib, [1, 2 * mib]);
  await writeVmdk(join(folder, "a"), source, options);
  await writeVmdk(join(folder, "b"), source, options);
  t.true((await readFile(join(folder, "a"))).equals(await readFile(join(folder, "b"))));
});

test("the file ends with one zero sector, the only one after its tables", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  const { source } = diskWith(64 * mib, [0, 3 * mib, 63 * mib]);
  await writeVmdk(path, source, options);
  const file = await readFile(path);
  const zeroSectors: number[] = [];
  for (
    let sector = planLayout(64 * mib).overheadSectors;
    sector < file.length / sectorBytes;
    sector++
  ) {
    if (file.subarray(sector * sectorBytes, (sector + 1) * sectorBytes).every((byte) => byte === 0))
      zeroSectors.push(sector);
  }
  t.deepEqual(zeroSectors, [file.length / sectorBytes - 1]);
});

test("an empty disk has an end marker too", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  await writeVmdk(path, diskWith(mib, []).source, options);
  const file = await readFile(path);
  t.is(file.length, (planLayout(mib).overheadSectors + 1) * sectorBytes);
  t.true((await readBack(memorySource(file))).equals(Buffer.alloc(mib)));
});

test("holes are not read: a disk of 1 TiB with three extents is written at once", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  let readBytes = 0;
  const source: DiskSource = {
    capacityBytes: 2 ** 40,
    extents: [
      { offsetBytes: 2 ** 40 - 512, lengthBytes: 512 },
      { offsetBytes: 100, lengthBytes: 70_000 },
      { offsetBytes: 2 ** 39, lengthBytes: 1 },
    ],
    read: async (_, buffer) => {
      readBytes += buffer.length;
      buffer.fill(7);
    },
  };
  const { populatedBytes } = await writeVmdk(path, source, options);
  t.is(populatedBytes, 4 * grainBytes);
  t.is(readBytes, 4 * grainBytes);
});

test("header and descriptor say what importers look for", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  await writeVmdk(path, diskWith(8 * mib, [0]).source, options);
  const file = await readFile(path);
  t.is(file.toString("latin1", 0, 4), "KDMV");
  t.is(file.readUInt32LE(4), 3);
  t.is(file.readUInt32LE(8), 0x30001);
  const { descriptor, capacityBytes } = await openVmdk(memorySource(file));
  t.is(capacityBytes, 8 * mib);
  t.is(descriptor.get("ddb.adapterType"), "lsilogic");
  t.is(descriptor.get("ddb.toolsVersion"), "2147483647");
  t.is(descriptor.get("CID"), "0123abcd");
});

test("a header with another capacity than the descriptor's is refused", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  await writeVmdk(path, diskWith(mib, [0]).source, options);
  const file = await readFile(path);
  file.writeBigUInt64LE(4096n, 12);
  await t.throwsAsync(readBack(memorySource(file)), { message: /differ about its capacity/ });
});

test("zero sectors after the end marker, the fault that makes importers refuse the manifest, are found", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  await writeVmdk(path, diskWith(mib, [0]).source, options);
  await appendFile(path, Buffer.alloc(117 * sectorBytes));
  await t.throwsAsync(readBack(memorySource(await readFile(path))), {
    message: /59904 bytes follow/,
  });
});

test("a file that lacks its end is refused", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  await writeVmdk(path, diskWith(mib, [0, 500_000]).source, options);
  await truncate(path, (await stat(path)).size - sectorBytes);
  await t.throwsAsync(readBack(memorySource(await readFile(path))), { message: /no end marker/ });
});

test("writing stops when it is aborted", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  const stop = new AbortController();
  const written = writeVmdk(path, diskWith(16 * mib, [0]).source, {
    ...options,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await t.throwsAsync(written, { name: "AbortError" });
});

test("any disk comes back as it was", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  const piece = fc.record({ place: fc.nat(600_000), data: fc.uint8Array({ maxLength: 200_000 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1600 }),
      fc.array(piece, { maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (sectors, pieces, level) => {
        const content = Buffer.alloc(sectors * sectorBytes);
        for (const { place, data } of pieces)
          if (place < content.length) Buffer.from(data).copy(content, place);
        await writeVmdk(path, memoryDisk(content), { ...options, level });
        const file = await open(path, "r");
        try {
          const back = await readBack(filePart(file, 0, (await file.stat()).size));
          return back.equals(content);
        } finally {
          await file.close();
        }
      },
    ),
    { numRuns: 30 },
  );
  t.pass();
});

test("a damaged file is read or plainly refused, and never as more than its tables can hold", async (t) => {
  const path = join(await temporaryFolder(t), "disk.vmdk");
  await writeVmdk(path, diskWith(mib, [0, 400_000]).source, options);
  const good = await readFile(path);
  const grainStart = planLayout(mib).overheadSectors * sectorBytes;
  const place = fc.oneof(
    fc.nat(good.length - 1),
    fc.nat(511),
    fc.integer({ min: grainStart, max: good.length - 1 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.option(fc.nat(good.length)),
      async (changes, cut) => {
        const bad = Buffer.from(cut === null ? good : good.subarray(0, cut));
        for (const [position, byte] of changes) if (position < bad.length) bad[position] = byte;
        const content = await readBack(memorySource(bad)).catch((error: NodeJS.ErrnoException) => {
          if (
            error instanceof SyntaxError ||
            error instanceof RangeError ||
            error.code?.startsWith("Z_")
          )
            return undefined;
          throw error;
        });
        t.true(content === undefined || content.length <= planLayout(mib).tables * 32 * mib);
      },
    ),
    { numRuns: 300 },
  );
});

const missing = missingTool("qemu-img", "qemu-utils");
(missing ? test.skip : test)(
  titled("qemu-img finds no fault and the same content", missing),
  async (t) => {
    const folder = await temporaryFolder(t);
    const [raw, vmdk] = [join(folder, "disk.raw"), join(folder, "disk.vmdk")];
    const { source, content } = diskWith(96 * mib + 512, [
      0,
      5 * mib,
      40 * mib + 4711,
      96 * mib + 400,
    ]);
    const file = await open(raw, "w");
    await file.writeFile(content);
    await file.close();
    await writeVmdk(vmdk, source, options);
    t.regex((await run("qemu-img", ["check", "-f", "vmdk", vmdk])).stdout, /No errors were found/);
    t.regex(
      (await run("qemu-img", ["compare", "-f", "raw", "-F", "vmdk", raw, vmdk])).stdout,
      /Images are identical/,
    );
    const { stdout } = await run("qemu-img", ["info", "--output=json", vmdk]);
    const info: unknown = JSON.parse(stdout);
    t.like(info, {
      "virtual-size": 96 * mib + 512,
      "format-specific": { data: { "create-type": "streamOptimized", cid: 0x0123abcd } },
    });
  },
);
