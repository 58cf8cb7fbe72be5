import { readFile } from "node:fs/promises";
import test from "ava";
import { parseSettings } from "../../src/settings/parse.ts";

test("the file that the documentation shows is valid", async (t) => {
  const page = await readFile(new URL("../../docs/operate/settings.md", import.meta.url), "utf8");
  const result = parseSettings(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
  t.true(result.ok, result.ok ? "" : result.reason);
});
