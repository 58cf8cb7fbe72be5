import type { ExecutionContext } from "ava";
import type { Settings } from "../../../src/settings/model/schema.ts";
import { type SplitLab, startSplitLab } from "./split-lab.ts";

/**
 * A lab in split mode that ends with the test. A failed test shows the logs of appliance and
 * platform.
 */
export async function openSplitLab(
  t: ExecutionContext,
  settings: Settings,
  options: Parameters<typeof startSplitLab>[1] = {},
): Promise<SplitLab> {
  const lab = await startSplitLab(settings, options);
  t.teardown(async () => {
    if (!t.passed) {
      const journal = await lab.appliance.journal().catch((error: unknown) => String(error));
      t.log(`the appliance's journal:\n${journal.split("\n").slice(-120).join("\n")}`);
      t.log(`the platform said:\n${lab.platform.log().split("\n").slice(-40).join("\n")}`);
    }
    await lab.stop();
  });
  return lab;
}
