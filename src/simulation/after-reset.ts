import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AppliancePaths } from "../configd/api/paths.ts";
import type { DescribedMachine } from "./described-machine.ts";

/**
 * The machine as it is now: after a factory reset without the settings, secrets and enrolment that
 * its description begins with. `root` keeps a note of the reset, since configd's own mark is gone
 * once the reset is finished.
 */
export async function asItIsNow(
  described: DescribedMachine,
  paths: Pick<AppliancePaths, "factoryReset">,
  root: string,
): Promise<DescribedMachine> {
  const note = join(root, "was-reset");
  if (await isThere(paths.factoryReset)) await writeFile(note, "");
  if (!(await isThere(note))) return described;
  const { agent: _, settings: __, secrets: ___, ...asNew } = described;
  return asNew;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
