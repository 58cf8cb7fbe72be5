/**
 * Writes docs/develop/measures.md: the house in figures, so that a change for the worse is seen.
 * `npm run measures`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { readFiles, readImports, readSources } from "./imports.ts";
import { importsBetweenFolders, type LineFigures, lineFigures } from "./measures.ts";

const page = new URL("../../docs/develop/measures.md", import.meta.url);

const sources = await readSources(await readFiles());
const imports = await readImports(sources);
const parts = [["src", "console"], ["image"], ["test"]].map(
  (roots) => [roots.join(", "), lineFigures(sources, roots)] as const,
);

const row = (name: string, figures: LineFigures) =>
  `| ${[
    name,
    figures.files,
    figures.lines,
    figures.medianFileLines,
    figures.longFiles.length,
    `${figures.over100Percent.toFixed(1)} %`,
    figures.over120.length,
    `${figures.commentPercent.toFixed(0)} %`,
  ].join(" | ")} |`;

const { stdout: subjects } = await execa("git", ["log", "--format=%s", "-100"]);
const longSubjects = subjects.split("\n").filter((subject) => subject.length > 72).length;
const adding = /\| to add[\s\S]*?\n\n/.exec(
  await readFile(new URL("../../CONTRIBUTING.md", import.meta.url), "utf8"),
)?.[0];

await writeFile(
  page,
  `# The house in figures

\`npm run measures\` makes this page. Blank lines do not count as lines. The aims: at most 3 % of the lines in src and
console over 100 columns, none over 120 but for a text that is not broken, files of about 300 lines at most.

| folders | files | lines | median file | files over 300 lines | over 100 columns | lines over 120 | comments |
|---|---|---|---|---|---|---|---|
${parts.map(([name, figures]) => row(name, figures)).join("\n")}

Pairs of folders of which one imports the other: ${importsBetweenFolders(imports)}. Circles of files or folders, types
included: none, \`test/house/walls.test.ts\` sees to that.

Of the last 100 commits, ${longSubjects} have a subject over 72 columns.

## Files of more than 300 lines

${parts
  .flatMap(([, figures]) => figures.longFiles)
  .map(({ file, lines }) => `* ${file}: ${lines}`)
  .join("\n")}

## Files touched to add a thing

As tried by hand; CONTRIBUTING.md says which files.

${adding?.trim() ?? ""}
`,
);
process.stdout.write("docs/develop/measures.md is written\n");
