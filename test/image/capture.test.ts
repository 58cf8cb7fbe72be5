import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { readCapture } from "./vm/capture.ts";

const fileHeader = Buffer.from(
  "d4c3b2a102000400000000000000000000000400 01000000".replaceAll(" ", ""),
  "hex",
);
const addresses = "5254000000115254 00000001".replaceAll(" ", "");

function record(frame: string): Buffer {
  const bytes = Buffer.from(frame, "hex");
  const header = Buffer.alloc(16);
  header.writeUInt32LE(bytes.length, 8);
  header.writeUInt32LE(bytes.length, 12);
  return Buffer.concat([header, bytes]);
}

test("a capture's frames are read with their tags, sizes and fragments, up to one that is still being written", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-capture-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "x.pcap");
  const ip = (flags: string) => `450000280000${flags}40060000c000020ac0000201`;
  const whole = [
    record(`${addresses}0806${"00".repeat(28)}`),
    record(`${addresses}8100602a0800${ip("4000")}`),
    record(`${addresses}0800${ip("20b9")}`),
  ];
  await writeFile(
    path,
    Buffer.concat([fileHeader, ...whole, record(`${addresses}0800${ip("4000")}`).subarray(0, -1)]),
  );
  const frame = {
    from: "52:54:00:00:00:01",
    to: "52:54:00:00:00:11",
    tag: null,
    type: 0x0800,
    packetBytes: 20,
    fragment: false,
  };
  t.deepEqual(await readCapture(path), [
    { ...frame, type: 0x0806, packetBytes: 28 },
    { ...frame, tag: 42 },
    { ...frame, fragment: true },
  ]);
  await writeFile(path, "something else, and longer than a header is");
  await t.throwsAsync(readCapture(path), { instanceOf: SyntaxError });
});
