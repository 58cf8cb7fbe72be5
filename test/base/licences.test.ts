import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { licences } from "../../src/base/licences.ts";

test("the licences are the file beside the program; in development the text says where they are", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-licences-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const program = join(folder, "cli.js");
  t.regex(await licences(program), /Apache License 2\.0[\s\S]*node_modules/);
  await writeFile(join(folder, "licences.txt"), "Licences of all\n");
  t.is(await licences(program), "Licences of all\n");
});
