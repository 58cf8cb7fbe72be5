import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { embedGrub } from "../../image/disk/bios-boot.ts";
import { encodeGpt, encodeGuid } from "../../image/disk/gpt.ts";
import { diskBytes, partitionId, planDisk } from "../../image/disk/layout.ts";
import { missingTool, titled } from "../testkit/image/tools.ts";

const run = promisify(execFile);
const mib = 2 ** 20;

test("the disk has the two slots, both ways to boot, and data last, all on whole MiB", (t) => {
  const { gpt, layout } = planDisk();
  t.deepEqual(
    gpt.partitions.map(({ name }) => name),
    ["biosboot", "esp", "boot-a", "root-a", "boot-b", "root-b", "data"],
  );
  for (const { offsetBytes, sizeBytes } of Object.values(layout))
    t.deepEqual([offsetBytes % mib, sizeBytes % mib], [0, 0]);
  t.is(layout["boot-a"].sizeBytes, layout["boot-b"].sizeBytes);
  t.is(layout["root-a"].sizeBytes, layout["root-b"].sizeBytes);
});

test("only the data partition has its type, by which it is found to be grown", (t) => {
  const { partitions } = planDisk().gpt;
  const data = partitions.find(({ name }) => name === "data");
  t.deepEqual(
    partitions.filter(({ typeId }) => typeId === data?.typeId).map(({ name }) => name),
    ["data"],
  );
});

test("ids are the same for every build, differ from each other, and are of RFC 9562's version 8", (t) => {
  const ids = planDisk().gpt.partitions.map(({ id }) => id);
  t.deepEqual(
    ids,
    planDisk().gpt.partitions.map(({ id }) => id),
  );
  t.is(new Set(ids).size, ids.length);
  for (const id of ids)
    t.regex(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("a GUID's first three fields are little-endian", (t) => {
  t.is(
    encodeGuid("c12a7328-f81f-11d2-ba4b-00a0c93ec93b").toString("hex"),
    "28732ac11ff8d211ba4b00a0c93ec93b",
  );
});

test("partitions that overlap or do not fit are refused", (t) => {
  const partition = {
    name: "x",
    typeId: partitionId("type"),
    id: partitionId("x"),
    firstSector: 2048,
    sectors: 2048,
  };
  const gpt = { diskId: partitionId("disk"), diskSectors: 8192, partitions: [partition] };
  t.notThrows(() => encodeGpt(gpt));
  t.throws(
    () => encodeGpt({ ...gpt, partitions: [partition, { ...partition, firstSector: 4095 }] }),
    { message: /overlaps/ },
  );
  t.throws(() => encodeGpt({ ...gpt, partitions: [{ ...partition, sectors: 8192 - 2048 - 32 }] }), {
    message: /do not fit/,
  });
});

const missing = missingTool("sfdisk", "fdisk");
(missing ? test.skip : test)(
  titled("sfdisk finds both copies of the table good, and reads what was meant", missing),
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "outrider-gpt-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "disk.raw");
    const { gpt, layout } = planDisk();
    const file = await open(path, "w");
    for (const { offsetBytes, data } of encodeGpt(gpt))
      await file.write(data, 0, data.length, offsetBytes);
    await file.close();
    t.is((await run("stat", ["--format=%s", path])).stdout.trim(), String(diskBytes));
    const environment = { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } };
    const verified = await run("sfdisk", ["--verify", path], environment);
    t.regex(verified.stdout + verified.stderr, /No errors detected/);
    const { stdout } = await run("sfdisk", ["--json", path], environment);
    const table: unknown = JSON.parse(stdout);
    t.like(table, {
      partitiontable: {
        label: "gpt",
        id: gpt.diskId.toUpperCase(),
        partitions: gpt.partitions.map(({ name, firstSector, sectors, typeId, id }, index) => ({
          node: `${path}${index + 1}`,
          start: firstSector,
          size: sectors,
          type: typeId.toUpperCase(),
          uuid: id.toUpperCase(),
          name,
        })),
      },
    });
    t.is(layout.data.number, 7);
    // Without its first copy the table is still read from the second.
    const damaged = await open(path, "r+");
    await damaged.write(Buffer.alloc(512), 0, 512, 512);
    await damaged.close();
    t.regex((await run("sfdisk", ["--json", path], environment)).stdout, /"root-b"/);
  },
);

test("GRUB's first sector gets the position of its core, and the core the position of its rest", (t) => {
  const bootImage = Buffer.alloc(512, 0xee);
  bootImage.set([0x55, 0xaa], 510);
  const coreImage = Buffer.alloc(1300);
  coreImage.writeUInt16LE(2, 0x1f4 + 8);
  const { bootCode, core } = embedGrub(bootImage, coreImage, { offsetBytes: mib, sizeBytes: mib });
  t.is(bootCode.length, 440);
  t.is(bootCode.readBigUInt64LE(0x5c), 2048n);
  t.deepEqual([...bootCode.subarray(0x64, 0x68)], [0xff, 0xee, 0x90, 0x90]);
  t.is(core.readBigUInt64LE(0x1f4), 2049n);
  t.throws(
    () => embedGrub(bootImage, Buffer.alloc(2 * mib), { offsetBytes: mib, sizeBytes: mib }),
    { instanceOf: RangeError },
  );
  t.throws(() => embedGrub(Buffer.alloc(512), coreImage, { offsetBytes: mib, sizeBytes: mib }), {
    instanceOf: SyntaxError,
  });
});
