import { readFile, writeFile } from "node:fs/promises";
import test from "ava";
import { propertyCategories } from "../../image/ova/properties.ts";
import type { Input, ZeroTouchName } from "../../src/settings/fields/field.ts";
import { type PlacedField, placedFields } from "../../src/settings/fields/placed-fields.ts";
import { parseSettings } from "../../src/settings/parse.ts";
import { zeroTouchFields } from "../../src/settings/zero-touch/fields.ts";

/**
 * The tables between the markers of these pages are made from src/settings/fields/:
 * `UPDATE_DOCS=1 npx ava test/settings/docs.test.ts` writes them again.
 */
const pages = {
  settings: new URL("../../docs/operate/settings.md", import.meta.url),
  "zero-touch": new URL("../../docs/operate/zero-touch.md", import.meta.url),
};

test("the file that the documentation shows is valid", async (t) => {
  const page = await readFile(pages.settings, "utf8");
  const result = parseSettings(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
  t.true(result.ok, result.ok ? "" : result.reason);
});

for (const [name, table] of Object.entries({ settings: settingsTable, "zero-touch": namesTable }))
  test(`the table of docs/operate/${name}.md is made from the fields`, async (t) => {
    const page = name === "settings" ? pages.settings : pages["zero-touch"];
    const between = /(<!-- begin: made from src\/settings\/fields -->\n)[\s\S]*?(<!-- end -->)/;
    const present = await readFile(page, "utf8");
    t.regex(present, between);
    const wanted = present.replace(between, (_, begin, end) => `${begin}\n${table()}\n${end}`);
    if (process.env.UPDATE_DOCS === "1") await writeFile(page, wanted);
    else t.is(present, wanted);
  });

/** An interface's settings are listed once: LAN and WAN have the same. */
function settingsTable(): string {
  return rows([
    ["setting", "at the console", "command line", "zero-touch"],
    ...placedFields
      .filter(({ role }) => role !== "wan")
      .map((placed) => [
        `\`${placed.path.replace("network.lan.", "network.ROLE.")}\``,
        atConsole(placed),
        placed.field.options
          .map(({ name, value = "" }) => `\`--${`${name} ${value}`.trim()}\``)
          .join(", "),
        placed.field.zeroTouch.map((each) => zeroTouchName(placed, each)).join(", "),
      ]),
  ]);
}

function atConsole({ field: { label, input } }: PlacedField): string {
  const choices = choicesOf(input);
  return choices === "" ? label : `${label}: ${choices}`;
}

function choicesOf(input: Input): string {
  if (input.kind === "yes-no") return "no, yes";
  return input.kind === "choice" ? input.choices.map(({ label }) => label).join(", ") : "";
}

function zeroTouchName({ role }: PlacedField, { name }: ZeroTouchName<unknown>): string {
  return role === null ? `\`${name}\`` : `\`lan_${name}\``;
}

function namesTable(): string {
  const asked = propertyCategories.flatMap(({ properties }) => properties.map(({ key }) => key));
  return rows([
    ["name", "means", "OVF", "also"],
    ...Object.entries(zeroTouchFields).map(([name, { means, also }]) => [
      `\`${name}\``,
      means,
      asked.includes(name) ? "yes" : "",
      also.map((each) => `\`${each}\``).join(", "),
    ]),
  ]);
}

function rows([head = [], ...body]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `|${cells.map((cell) => (cell === "" ? " " : ` ${cell.replaceAll("|", "\\|")} `)).join("|")}|\n`;
  return [line(head), `|${head.map(() => "---|").join("")}\n`, ...body.map(line)].join("");
}
