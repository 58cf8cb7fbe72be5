import { globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import test from "ava";
import { type ErrorCode, errorCodes, stages } from "../../src/base/messages/error-codes.ts";
import type { NetworkFault } from "../testkit/lab/faults/fault.ts";
import { idOf, rows } from "../testkit/lab/faults/rows/all.ts";
import { inWords, shownByTest, whyNoFault } from "./errors-elsewhere.ts";

/**
 * docs/operate/errors.md is the catalogue and the lab's faults in another form:
 * `UPDATE_DOCS=1 npx ava test/docs` writes it.
 */
const project = new URL("../../", import.meta.url);
const page = new URL("docs/operate/errors.md", project);
const codes = Object.keys(errorCodes) as ErrorCode[];

const { pairs, ...single } = rows;
const alone = Object.values(single).flat();
const doctorsCode = ({ doctor }: NetworkFault) => doctor?.split(" ")[1];
/** The faults that show a code, before those whose agent or warning alone has it. */
function faultsOf(code: ErrorCode): NetworkFault[] {
  const isShown = (fault: NetworkFault) =>
    [fault.agent, doctorsCode(fault), fault.warning].includes(code);
  const isFirst = (fault: NetworkFault) => Number(doctorsCode(fault) === code);
  return alone.filter(isShown).toSorted((a, b) => isFirst(b) - isFirst(a));
}

const mostExamples = 3;

/** How to see it in the lab, or in a test where no fault of a network brings it about. */
function reproduce(code: ErrorCode): string {
  const found = faultsOf(code);
  const examples = found.slice(0, mostExamples).map((fault) => `"${idOf(fault)}"`);
  const more = found.length > mostExamples ? `, and ${found.length - mostExamples} more` : "";
  if (examples.length > 0)
    return `\`npm run matrix:network-faults -- --only NAME\` with ${examples.join(" or ")}${more}.`;
  const told = inWords[code] ?? `\`npx ava ${shownByTest[code]}\`.`;
  return [whyNoFault[code], told].filter((each) => each !== undefined).join(" ");
}

function render(): string {
  const lines = [
    "# Errors",
    "",
    "Every failure that the appliance or the platform shows has one of these codes. The console, the command line, the doctor and",
    "the platform's page use the same words: what happened, why it usually does, and what to do. This page is made from",
    "`src/base/messages/error-codes.ts` and from the lab's faults (`test/testkit/lab/faults`), whose outcomes are in",
    "[matrix-network-faults.md](../measured/matrix-network-faults.md). *In the lab* says how to see the error there, or in which test.",
    "",
  ];
  for (const stage of stages) {
    const own = codes.filter((code) => errorCodes[code].stage === stage);
    if (own.length === 0) continue;
    lines.push(`## ${stage}`, "");
    for (const code of own) {
      const { what, why, remedy } = errorCodes[code];
      lines.push(
        `### ${code}`,
        "",
        what,
        "",
        `* **Why**: ${why}`,
        `* **Do**: ${remedy}`,
        `* **In the lab**: ${reproduce(code)}`,
        "",
      );
    }
  }
  return lines.join("\n");
}

test("docs/operate/errors.md has a section for every error code, in the words of the catalogue", async (t) => {
  if (process.env.UPDATE_DOCS === "1") await writeFile(page, render());
  t.is(await readFile(page, "utf8"), render());
});

test("every error code is shown by a fault of the lab or by a test that has it", async (t) => {
  for (const code of codes.filter((each) => faultsOf(each).length === 0 && !(each in inWords))) {
    const file = shownByTest[code];
    t.truthy(file, `${code}: add a fault to the lab, or its test to test/docs/errors-elsewhere.ts`);
    if (file) t.true((await readFile(new URL(file, project), "utf8")).includes(code), code);
  }
  const needless = Object.keys({ ...shownByTest, ...inWords, ...whyNoFault }).filter((name) =>
    codes.some((code) => code === name && faultsOf(code).length > 0),
  );
  t.deepEqual(needless, [], "the lab shows them");
});

test("every code that a path can give has a fault of the lab, or the reason why not", async (t) => {
  const files = globSync("src/{doctor,transport}/**/*.ts", { cwd: fileURLToPath(project) });
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, project), "utf8")));
  const given = codes.filter((code) => texts.some((text) => text.includes(`"${code}"`)));
  t.true(given.length > 50);
  t.deepEqual(
    given.filter((code) => faultsOf(code).length === 0 && !(code in whyNoFault)),
    [],
  );
});

test("the lab has enough faults of each kind, each under a name of its own", (t) => {
  const ids = Object.values(rows).flat().map(idOf);
  t.is(new Set(ids).size, ids.length);
  t.true(rows.faults.length >= 90);
  t.true(pairs.length >= 25);
  t.true(new Set(rows.healthy.map(({ network }) => network)).size >= 12);
  t.true(rows.faults.filter(({ remedy }) => remedy).length >= 20);
});
