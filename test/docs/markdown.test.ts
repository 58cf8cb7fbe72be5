import test from "ava";
import { linksOf, npmScriptsOf, pathsOf, slugsOf } from "./markdown.ts";

test("links and pictures are found, also one inside of another; code has none", (t) => {
  t.deepEqual(
    linksOf(
      'See [a](a.md), ![p](p.svg "title") and [![q](q.svg)](b.md#c).\n\n```sh\n[x](y)\n```\nand `[x](z)`',
    ),
    ["a.md", "p.svg", "q.svg", "b.md#c"],
  );
});

test("anchors are those of GitHub", (t) => {
  t.deepEqual(
    slugsOf(
      "# The two commands\n## `npm start`: what? _Yes_\n## Again\n## Again\n```\n# no heading\n```\n",
    ),
    ["the-two-commands", "npm-start-what-_yes_", "again", "again-1"],
  );
});

test("npm scripts are read with options before the name, and placeholders are no names", (t) => {
  t.deepEqual(
    npmScriptsOf(
      "`npm start`, `npm test`, `npm run ova`, npm run --silent platform -- x, npm run matrix:NAME",
    ),
    ["start", "test", "ova", "platform"],
  );
});

test("paths of the project are read out of code, without patterns and placeholders", (t) => {
  t.deepEqual(
    pathsOf(
      "`src/base/clock.ts`, `image/disk/`, `test/lab/split-*.test.ts`, `src/NAME/x.ts`, src/y",
    ),
    ["src/base/clock.ts", "image/disk/"],
  );
});
