import test from "ava";
import { readFiles, readSources } from "./imports.ts";
import { lineFigures, spreadLiterals } from "./measures.ts";

const sources = await readSources(await readFiles());

/** Tables of texts: one thing, however long. */
const tables = [
  "src/base/messages/error-codes.ts",
  "src/base/messages/fact-phrases.ts",
  "src/settings/model/problems.ts",
];

test("at most 3 % of the lines in src and console are over 100 columns", (t) => {
  const { over100Percent } = lineFigures(sources, ["src", "console"]);
  t.true(over100Percent <= 3, `${over100Percent.toFixed(1)} %`);
});

/** Help that is printed as it is written, in one template over many lines. */
const printed = ["console/options.ts", "src/cli/help.ts", "src/cli/recovery.ts"].concat(
  "src/cli/tool-help.ts",
);

test("a line in src and console is over 120 columns only for a text, which is not broken", (t) => {
  const { over120 } = lineFigures(sources, ["src", "console"]);
  const withoutTexts = (line: string) => line.replace(/(["'`/])(?:\\.|(?!\1).)*\1/g, "");
  const code = over120
    .filter(({ place }) => !printed.some((file) => place.startsWith(`${file}:`)))
    .filter(({ line }) => withoutTexts(line).length > 100);
  t.deepEqual(code, []);
});

test("a file in src and console has about 300 lines at most, or is a table of texts", (t) => {
  const { longFiles } = lineFigures(sources, ["src", "console"]);
  t.deepEqual(
    longFiles.filter(({ file, lines }) => lines > 330 && !tables.includes(file)),
    [],
  );
});

test("no object literal is spread into another to keep the formatter from breaking lines", (t) => {
  t.deepEqual(spreadLiterals(sources), []);
});
