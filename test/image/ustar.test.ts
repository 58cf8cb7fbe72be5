import { execFile } from "node:child_process";
import { mkdtemp, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import {
  decodeHeader,
  encodeHeader,
  listUstar,
  type UstarMember,
  writeUstar,
} from "../../image/ova/ustar.ts";

const run = promisify(execFile);
const modifiedSeconds = 1_767_225_600;

async function sampleArchive(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-ustar-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const contents = { "z.ovf": "descriptor", "a.mf": "", "m.vmdk": "x".repeat(512) };
  const files = Object.entries(contents).map(([name, content]) => ({
    name,
    content,
    path: join(folder, name),
  }));
  for (const { path, content } of files) await writeFile(path, content);
  const path = join(folder, "sample.ova");
  await writeUstar(path, files, modifiedSeconds);
  return path;
}

async function list(path: string): Promise<UstarMember[]> {
  const archive = await open(path, "r");
  try {
    return await listUstar(archive);
  } finally {
    await archive.close();
  }
}

test("a header has the bytes of POSIX ustar: magic, version, plain file, owner 0, octal fields, checksum", (t) => {
  const header = encodeHeader({ name: "outrider.ovf", sizeBytes: 4711, modifiedSeconds });
  const field = (start: number, end: number) => header.toString("latin1", start, end);
  t.is(field(0, 13), "outrider.ovf\0");
  t.is(field(100, 108), "0000644\0");
  t.is(field(108, 124), "0000000\x000000000\0");
  t.is(field(124, 136), "00000011147\0");
  t.is(field(136, 148), "15125334400\0");
  t.is(field(156, 157), "0");
  t.is(field(257, 265), "ustar\x0000");
  t.is(field(345, 512), "\0".repeat(167));
  const sum = header.reduce(
    (total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte),
    0,
  );
  t.is(field(148, 156), `${sum.toString(8).padStart(6, "0")}\0 `);
});

test("members stand in the order that was asked for, and the archive ends with two zero blocks", async (t) => {
  const path = await sampleArchive(t);
  t.deepEqual(
    (await list(path)).map(({ name, sizeBytes }) => [name, sizeBytes]),
    [
      ["z.ovf", 10],
      ["a.mf", 0],
      ["m.vmdk", 512],
    ],
  );
  const bytes = await readFile(path);
  t.is(bytes.length, 512 * (2 + 1 + 2 + 2));
  t.true(bytes.subarray(-1024).every((byte) => byte === 0));
});

test("tar reads the archive as ustar, with owner, time and content", async (t) => {
  const path = await sampleArchive(t);
  const { stdout } = await run("tar", [
    "--list",
    "--verbose",
    "--numeric-owner",
    "--utc",
    "--file",
    path,
  ]);
  t.deepEqual(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.replace(/ +/g, " ")),
    [
      "-rw-r--r-- 0/0 10 2026-01-01 00:00 z.ovf",
      "-rw-r--r-- 0/0 0 2026-01-01 00:00 a.mf",
      "-rw-r--r-- 0/0 512 2026-01-01 00:00 m.vmdk",
    ],
  );
  t.is(
    (await run("tar", ["--extract", "--to-stdout", "--file", path, "z.ovf"])).stdout,
    "descriptor",
  );
});

test("an archive that is cut short, or followed by something, is refused", async (t) => {
  const path = await sampleArchive(t);
  const { length } = await readFile(path);
  await truncate(path, length - 512);
  await t.throwsAsync(list(path), { instanceOf: SyntaxError });
  await truncate(path, length + 512);
  await t.throwsAsync(list(path), { instanceOf: SyntaxError });
});

test("names that would need an extension of the format are refused", (t) => {
  for (const name of ["", "a/b", "ä.ovf", "a b", "x".repeat(101)])
    t.throws(() => encodeHeader({ name, sizeBytes: 0, modifiedSeconds }), {
      instanceOf: RangeError,
    });
  t.throws(() => encodeHeader({ name: "a", sizeBytes: 8 ** 11, modifiedSeconds }), {
    instanceOf: RangeError,
  });
});

test("any 512 bytes are a header or a plain refusal", (t) => {
  const sample = encodeHeader({ name: "outrider.ovf", sizeBytes: 4711, modifiedSeconds });
  const damage = fc.array(fc.tuple(fc.nat(511), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ minLength: 512, maxLength: 512 }), damage), (input) => {
      const header = Buffer.from(input instanceof Uint8Array ? input : sample);
      if (!(input instanceof Uint8Array)) for (const [place, byte] of input) header[place] = byte;
      try {
        decodeHeader(header);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }),
  );
  t.pass();
});
