import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { silentLog } from "../../src/base/log.ts";
import { appliancePaths } from "../../src/configd/api/paths.ts";
import { RealSystem } from "../../src/configd/machine/real-system.ts";
import { codeOf } from "../testkit/configd/test-appliance.ts";

/** A machine whose systemd-creds(1) is a script; the environment is this file's alone. */
async function machine(t: ExecutionContext, script: string) {
  const root = await mkdtemp(join(tmpdir(), "outrider-sealing-"));
  t.teardown(() => rm(root, { recursive: true }));
  const program = join(root, "systemd-creds");
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  process.env.PATH = `${root}:/usr/bin:/bin`;
  const told: unknown[] = [];
  const system = new RealSystem(appliancePaths(root), {
    ...silentLog,
    warning: (message, fields) => told.push([message, fields?.secret]),
  });
  return { system, told };
}

const secret = Buffer.from("s3cret");
const works =
  'case "$1" in encrypt) printf "box:"; cat;; decrypt) head -c 4 | grep -q "box:" && cat;; esac';

test.serial("a secret is sealed where that works, without a word", async (t) => {
  const { system, told } = await machine(t, works);
  const sealed = await system.seal("console-pin", secret);
  t.is(Buffer.from(sealed).toString(), "sealed\nbox:s3cret");
  t.is(Buffer.from(await system.unseal("console-pin", sealed)).toString(), "s3cret");
  t.deepEqual(told, []);
});

for (const [what, script] of [
  ["fails", "exit 1"],
  ["gives what does not open again", "cat; echo more"],
] as const)
  test.serial(
    `where systemd-creds ${what}, the secret is stored all the same, and the log says so`,
    async (t) => {
      const { system, told } = await machine(t, script);
      const stored = await system.seal("console-pin", secret);
      t.is(Buffer.from(stored).toString(), "plain\ns3cret");
      t.is(Buffer.from(await system.unseal("console-pin", stored)).toString(), "s3cret");
      t.deepEqual(told, [["secret stored without a seal", "console-pin"]]);
    },
  );

test.serial("what no sealing wrote is damaged, as is what another machine sealed", async (t) => {
  const { system } = await machine(t, "exit 1");
  for (const stored of [
    "",
    "s3cret",
    "\0\0\0\0",
    "plain",
    "sealed",
    "other\ns3cret",
    "sealed\nbox:x",
  ])
    t.is(
      await codeOf(system.unseal("console-pin", Buffer.from(stored))),
      "sealed-elsewhere",
      JSON.stringify(stored),
    );
});
