import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "ava";
import { appliancePaths } from "../../src/configd/api/paths.ts";
import { asItIsNow } from "../../src/simulation/after-reset.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";

test("after a factory reset a described machine is not enrolled any more, at this and at later starts", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "outrider-reset-"));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const paths = appliancePaths(root);
  const described = await loadDescribedMachine("update-waiting");
  t.not(described.agent, undefined);
  t.is(await asItIsNow(described, paths, root), described);
  await mkdir(dirname(paths.factoryReset), { recursive: true });
  await writeFile(paths.factoryReset, "");
  for (const again of [false, true]) {
    if (again) await rm(paths.factoryReset);
    const now = await asItIsNow(described, paths, root);
    t.is(now.agent, undefined);
    t.is(now.settings, undefined);
    t.deepEqual(now.interfaces, described.interfaces);
  }
});
