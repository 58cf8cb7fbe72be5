import { existsSync } from "node:fs";
import { Type } from "@sinclair/typebox";
import test from "ava";
import { bundleAll, entryNames } from "../../image/bundle/bundle.ts";
import { entries } from "../../image/bundle/entries.ts";
import { dataModule, validatorsModule } from "../../image/bundle/schema-plugin.ts";

const project = new URL("../../", import.meta.url).pathname;

// ajv's checks call these small helpers of its.
const ajvRuntime = /^node_modules\/(ajv\/dist\/runtime\/|fast-deep-equal\/)/;

for (const name of entryNames()) {
  test(`the bundle ${name} carries neither ajv nor TypeBox, and nothing of tests or platform`, async (t) => {
    t.true(existsSync(`${project}${entries[name]}`));
    const [bundle] = await bundleAll(project, [name]);
    const inputs = bundle?.inputs ?? [];
    t.true(inputs.length > 0);
    t.deepEqual(
      inputs.filter(
        (path) =>
          /^(node_modules\/(ajv|@sinclair)|test|image|src\/platform)\b/.test(path) &&
          !ajvRuntime.test(path),
      ),
      [],
    );
  });
}

test("the same sources bundle to the same bytes", async (t) => {
  const [first, second] = await Promise.all([
    bundleAll(project, ["scan"]),
    bundleAll(project, ["scan"]),
  ]);
  t.deepEqual(first[0]?.contents, second[0]?.contents);
});

test("a file of schemas without the export `schemas` is refused by name", (t) => {
  t.throws(() => validatorsModule({}, "./checks.ts", "some/validators.ts"), {
    message: /some\/validators\.ts must export/,
  });
});

test("two names for the same schema share one compiled check", (t) => {
  const text = validatorsModule(
    { schemas: { First: Type.Object({}), Second: Type.Object({}), Third: Type.String() } },
    "./checks.ts",
    "some/validators.ts",
  );
  t.true(text.includes('mapChecks({ "First": check0, "Second": check0, "Third": check1 })'));
  t.is(text.match(/export const check\d/g)?.length, 2);
});

test("a file of schemas becomes plain data, and may not hide code", (t) => {
  t.is(
    dataModule({ limit: 3, Name: Type.String() }, "some/schema.ts"),
    'export const limit = 3;\nexport const Name = {"type":"string"};',
  );
  t.throws(() => dataModule({ helper: () => 1 }, "some/schema.ts"), {
    message: /exports the function helper/,
  });
});
