/** A test that the threat model's list names. */
export interface NamedTest {
  id: string;
  file: string;
  title: string;
}

/** The items of the list: `* **T1** \`test/x/y.test.ts\`: title`, over as many lines as they take. */
export function namedTests(page: string): NamedTest[] {
  return [...page.matchAll(/^\* \*\*(T\d+)\*\* `(test\/[^`]+)`:\s((?:.+\n?)(?: {2}.+\n?)*)/gm)].map(
    ([, id = "", file = "", title = ""]) => ({
      id,
      file,
      title: title.replace(/\s+/g, " ").trim(),
    }),
  );
}

/** The rows of tables whose last column says which tests show them, without the tables' heads. */
export function testsInRows(page: string): { row: string; shownBy: string[] }[] {
  return page
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.endsWith("| shown by |"))
    .map((row) => ({ row, shownBy: row.match(/\bT\d+\b/g) ?? [] }));
}

/**
 * Whether a file of tests declares one of this title. `…` in the title stands for what a template
 * puts in.
 */
export function hasTest(source: string, title: string): boolean {
  const literal = title
    .split("…")
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll('"', '\\\\?"'))
    .join("\\$\\{[^}]+\\}");
  const call = "^\\s*(?:(?:test|labTest|there|when)(?:\\.serial)?\\(\\s*)(?:titled\\(\\s*)?";
  return new RegExp(`${call}(["\`])${literal}\\1`, "m").test(source);
}
