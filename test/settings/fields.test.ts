import { KindGuard, type TSchema } from "@sinclair/typebox";
import test from "ava";
import fc from "fast-check";
import { settingTerms } from "../../src/settings/changes.ts";
import { formNames } from "../../src/settings/fields/field.ts";
import { placedFields } from "../../src/settings/fields/placed-fields.ts";
import { textsOf, withTexts } from "../../src/settings/form.ts";
import { Settings } from "../../src/settings/model/schema.ts";
import { validSettings } from "../testkit/configd/valid-settings.ts";

/** Parts of the file's format that are no setting. */
const noSettings = ["version"];

/** The paths of all values of a schema; the items of a list are part of the list. */
function leavesOf(schema: TSchema, path: string): string[] {
  if (KindGuard.IsObject(schema))
    return Object.entries(schema.properties).flatMap(([name, part]) =>
      leavesOf(part, path === "" ? name : `${path}.${name}`),
    );
  if (KindGuard.IsUnion(schema)) return schema.anyOf.flatMap((part) => leavesOf(part, path));
  return [path];
}

const leaves = [...new Set(leavesOf(Settings, ""))].filter((leaf) => !noSettings.includes(leaf));

/** Whether a gateway is on-link is typed behind it, in its own field. */
const fieldOf = (leaf: string) => leaf.replace(/\.onLink$/, ".gateway");

test("every value of the schema has its file in src/settings/fields/, and its line in fields.ts", (t) => {
  t.true(leaves.length > 40);
  for (const leaf of leaves)
    t.true(
      placedFields.some(({ path }) => path === fieldOf(leaf)),
      `${leaf} is in src/settings/model/schema.ts and has no field: add a file to src/settings/fields/ and its line to fields.ts there`,
    );
  for (const { path } of placedFields)
    t.true(leaves.includes(path), `${path} has a field and is not in src/settings/model/schema.ts`);
});

test("no two settings share a place, a name or an option", (t) => {
  const optionsOf = new Set(placedFields.map(({ field }) => field));
  const names = [...optionsOf].flatMap(({ zeroTouch }) => zeroTouch.map(({ name }) => name));
  const options = [...optionsOf].flatMap((field) => field.options.map(({ name }) => name));
  for (const list of [placedFields.map(({ path }) => path), names, options])
    t.deepEqual(
      list.filter((each, index) => list.indexOf(each) < index),
      [],
    );
});

test("every setting has words, and a line of a review unless another one shows it", (t) => {
  const shownByOthers = ["proxy.host", "proxy.port", "proxy.url", "proxy.user"];
  for (const { path, field } of placedFields) {
    for (const text of [field.label, field.hint, field.help]) t.not(text, "", path);
    if (field.review) t.true(settingTerms.has(field.review.term), path);
    else t.true(shownByOthers.includes(path), `${path} has no line of a review`);
  }
});

test("what the forms show is taken back as it was", (t) => {
  fc.assert(
    fc.property(validSettings, (settings) => {
      for (const form of formNames) {
        // A platform that is not set yet has to be typed.
        if (form === "platform" && settings.platform.url === null) continue;
        t.deepEqual(withTexts(settings, textsOf(settings, form)), { ok: true, settings }, form);
      }
    }),
    { numRuns: 60 },
  );
});
