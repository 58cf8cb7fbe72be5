import { readFile } from "node:fs/promises";
import test from "ava";
import { hasTest, namedTests, testsInRows } from "./attackers.ts";

const page = "docs/decisions/0018-threat-model.md";
const text = await readFile(new URL(`../../${page}`, import.meta.url), "utf8");
const named = namedTests(text);

test("every test that the threat model names is there, by file and title", async (t) => {
  t.true(named.length > 40, "the page's list of tests is read");
  for (const { id, file, title } of named) {
    const source = await readFile(new URL(`../../${file}`, import.meta.url), "utf8").catch(
      () => "",
    );
    t.true(
      hasTest(source, title),
      `${page}, ${id}: ${file} has no test "${title}". If it was renamed, give the page its new title; if it is gone, ` +
        "name another that shows the row, or say there that none does.",
    );
  }
});

test("every row of the threat model names tests of its list or says that there is none", (t) => {
  const rows = testsInRows(text);
  t.true(rows.length > 30, "the page's tables are read");
  const ids = new Set(named.map(({ id }) => id));
  for (const { row, shownBy } of rows) {
    if (!/\*\*none\*\*/.test(row)) t.true(shownBy.length > 0, `${page}: no test shows: ${row}`);
    for (const id of shownBy)
      t.true(ids.has(id), `${page}: the list has no ${id}, as named in: ${row}`);
  }
  const used = new Set(rows.flatMap(({ shownBy }) => shownBy));
  for (const id of ids)
    t.true(used.has(id), `${page}: no row needs ${id}; name it in one, or take it out`);
  t.is(ids.size, named.length, `${page}: a number stands twice in the list`);
});

test("a title is found as it stands in a file of tests, and nowhere else", (t) => {
  const source = [
    'test("a door is shut", (t) => {',
    "  t.pass('an open window');",
    "labTest(",
    '  "a \\"gate\\" is shut",',
    `  test.serial(\`a wall \${of.what} stands\`, async (t) => {`,
    'when(titled("a roof is tight", missing), (t) => {',
    '// test("a cellar is dry")',
  ].join("\n");
  for (const title of ["a door is shut", 'a "gate" is shut', "a wall … stands", "a roof is tight"])
    t.true(hasTest(source, title), title);
  for (const title of [
    "a door is",
    "an open window",
    "a wall stands",
    "a cellar is dry",
    "a door is shut!",
  ])
    t.false(hasTest(source, title), title);
});
