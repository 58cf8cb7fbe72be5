import { readFile, writeFile } from "node:fs/promises";
import test from "ava";
import { errorCodes, stages } from "../../src/base/messages/error-codes.ts";

/**
 * docs/operate/errors.md is this list in another form: `UPDATE_DOCS=1 npx ava test/docs` writes it.
 */
const page = new URL("../../docs/operate/errors.md", import.meta.url);

function render(): string {
  const lines = [
    "# Errors",
    "",
    "Every failure that the appliance or the platform shows has one of these codes. The console, the command line, the doctor and",
    "the platform's page use the same words. This page is made from `src/base/messages/error-codes.ts`.",
    "",
  ];
  for (const stage of stages) {
    const codes = Object.entries(errorCodes).filter(
      ([, description]) => description.stage === stage,
    );
    if (codes.length === 0) continue;
    lines.push(
      `## ${stage}`,
      "",
      "| code | what happened | usual cause | what to do |",
      "|---|---|---|---|",
    );
    for (const [code, { what, why, remedy }] of codes)
      lines.push(`| \`${code}\` | ${what} | ${why} | ${remedy} |`);
    lines.push("");
  }
  return lines.join("\n");
}

test("docs/operate/errors.md lists every error code in the words of the catalogue", async (t) => {
  if (process.env.UPDATE_DOCS === "1") await writeFile(page, render());
  t.is(await readFile(page, "utf8"), render());
});
