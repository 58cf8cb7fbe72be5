import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { makeOva } from "../../image/ova/ova.ts";
import { rawDisk } from "../../image/ova/sources/disk-source.ts";
import { verifyOva } from "../../image/ova/verify.ts";
import { sampleAppliance } from "../testkit/image/sample-appliance.ts";

const mib = 2 ** 20;

async function build(t: ExecutionContext): Promise<{ folder: string; ova: string; disk: string }> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-ova-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const disk = join(folder, "disk.raw");
  const content = Buffer.alloc(4 * mib);
  content.write("boot sector");
  content.write("data", 3 * mib);
  await writeFile(disk, content);
  const ova = join(folder, "outrider-1.2.3.ova");
  const { disk: _, ...appliance } = sampleAppliance;
  await makeOva({
    diskPath: disk,
    outputPath: ova,
    appliance,
    contentId: "0123abcd",
    modifiedSeconds: 1_767_225_600,
  });
  return { folder, ova, disk };
}

test("an OVA holds descriptor, manifest and disk, in this order, and nothing is left beside it", async (t) => {
  const { folder, ova } = await build(t);
  const { members, capacityBytes } = await verifyOva(ova);
  t.deepEqual(
    members.map(({ name }) => name),
    ["outrider-1.2.3.ovf", "outrider-1.2.3.mf", "outrider-1.2.3-disk1.vmdk"],
  );
  t.is(capacityBytes, 4 * mib);
  t.deepEqual((await readdir(folder)).sort(), ["disk.raw", basename(ova)]);
});

test("the same disk gives the same OVA", async (t) => {
  t.true((await readFile((await build(t)).ova)).equals(await readFile((await build(t)).ova)));
});

test("the disk inside is compared with the one that was checked, and a difference of one bit is found", async (t) => {
  const { ova, disk } = await build(t);
  const file = await open(disk, "r+");
  t.teardown(() => file.close());
  await t.notThrowsAsync(verifyOva(ova, await rawDisk(file)));
  await file.write(Buffer.from([1]), 0, 1, mib);
  await t.throwsAsync(verifyOva(ova, await rawDisk(file)), {
    message: /lacks the disk's data at byte 1048576/,
  });
  await file.write(Buffer.from([0]), 0, 1, mib);
  await file.write(Buffer.from([1]), 0, 1, 3 * mib + 10);
  await t.throwsAsync(verifyOva(ova, await rawDisk(file)), {
    message: /differs from the disk at byte 3145728/,
  });
});

for (const [what, find, replacement] of [
  ["descriptor", "LAN", "LAM"],
  ["manifest", "SHA256(outrider-1.2.3.ovf)= ", "SHA1  (outrider-1.2.3.ovf)= "],
  ["disk", "streamOptimized", "streamOptimised"],
] as const) {
  test(`a changed ${what} is found`, async (t) => {
    const { ova } = await build(t);
    const bytes = await readFile(ova);
    bytes.write(
      replacement,
      bytes.indexOf(find, what === "disk" ? bytes.indexOf("KDMV") : 0),
      "latin1",
    );
    await writeFile(ova, bytes);
    await t.throwsAsync(verifyOva(ova), { instanceOf: SyntaxError });
  });
}
