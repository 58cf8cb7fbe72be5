import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { runCommand } from "../../src/configd/machine/systemctl.ts";

const program = new URL("../../src/configd/main.ts", import.meta.url).pathname;
const stick = {
  blockdevices: [
    {
      name: "sdb",
      children: [
        { name: "sdb1", fstype: "vfat", label: "STICK", size: 8e9, ro: false, mountpoints: [null] },
      ],
    },
  ],
};

/** The volumes program over a folder that stands for a stick: only mounting is faked. */
async function withStick(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), "outrider-volumes-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const content = join(folder, "content");
  const bin = join(folder, "bin");
  await mkdir(content);
  await mkdir(bin);
  await writeFile(join(folder, "devices.json"), JSON.stringify(stick));
  const scripts = {
    lsblk: `cat ${folder}/devices.json`,
    mount: `echo "$*" >> ${folder}/mounts; for last; do :; done; cp -r ${content}/. "$last"`,
    umount: `cp -r "$1"/. ${content}; rm -r "$1"; mkdir "$1"`,
  };
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\nset -eu\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const environment = { PATH: `${bin}:${process.env.PATH ?? ""}` };
  return {
    content,
    mounts: () => readFile(join(folder, "mounts"), "utf8"),
    run: (words: readonly string[], input?: Uint8Array) =>
      runCommand(process.execPath, [program, "volumes", ...words], {
        environment,
        ...(input ? { input } : {}),
      }),
  };
}

test("standard input is written to the stick as a whole", async (t) => {
  const { run, content, mounts } = await withStick(t);
  const bundle = randomBytes(300_000);
  await run(["write", "sdb1", "outrider-support.tar.gz"], bundle);
  t.deepEqual(await readFile(join(content, "outrider-support.tar.gz")), bundle);
  t.regex(await mounts(), /^-t vfat -o rw,flush,nosuid,nodev,noexec,nosymfollow \/dev\/sdb1 /);
  await t.throwsAsync(run(["write", "sdb1", "outrider-support.tar.gz"], Buffer.from("another")), {
    message: /EEXIST/,
  });
  t.deepEqual(await readFile(join(content, "outrider-support.tar.gz")), bundle);
});

test("certificates' files are found in the stick and one folder deep, and read from a stick that is mounted read-only", async (t) => {
  const { run, content, mounts } = await withStick(t);
  await mkdir(join(content, "certificates"));
  await writeFile(join(content, "company.pem"), "the first");
  await writeFile(join(content, "certificates/other.crt"), "the second");
  await writeFile(join(content, "notes.txt"), "no certificate");
  t.is((await run(["files", "sdb1"])).toString("utf8"), "certificates/other.crt\ncompany.pem");
  t.is((await run(["read", "sdb1", "certificates/other.crt"])).toString("utf8"), "the second");
  t.regex(
    await mounts(),
    /^(?:-t vfat -o ro,nosuid,nodev,noexec,nosymfollow \/dev\/sdb1 .*\n){2}$/,
  );
});

test("a certificate's file is read as Windows writes it: DER, and PEM in UTF-16", async (t) => {
  const { run, content } = await withStick(t);
  const der = Buffer.concat([Buffer.from([0x30, 0x82, 0x01, 0x00]), Buffer.alloc(256, 7)]);
  await writeFile(join(content, "a.cer"), der);
  await writeFile(join(content, "b.pem"), Buffer.from("\ufeff-----BEGIN", "utf16le"));
  const pem = (await run(["read", "sdb1", "a.cer"])).toString("utf8");
  t.regex(pem, /^-----BEGIN CERTIFICATE-----\n/);
  t.deepEqual(Buffer.from(pem.replace(/-----[^-]*-----|\s/g, ""), "base64"), der);
  t.is((await run(["read", "sdb1", "b.pem"])).toString("utf8"), "-----BEGIN");
});
