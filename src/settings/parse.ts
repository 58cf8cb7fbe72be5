import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { Violation } from "../base/validation.ts";
import { migrate } from "./migrate.ts";
import { describeFieldProblem, type FieldProblem } from "./problems.ts";
import type { Settings } from "./schema.ts";
import { validateSettings } from "./validate.ts";
import { validators } from "./validators.ts";

/** Far above what settings need; a larger file is something else. */
export const largestSettingsBytes = 64 * 1024;
/** YAML nests by recursion: brackets beyond this depth are not settings, and could overflow the stack. */
const deepestNesting = 30;
const longestIndentation = 200;

export type ParsedSettings = { ok: true; settings: Settings } | { ok: false; reason: string };

/** Reads the text of a settings file. What is wrong comes with its place: line and column, or the field. */
export function parseSettings(text: string): ParsedSettings {
  if (Buffer.byteLength(text) > largestSettingsBytes) return { ok: false, reason: `the file is longer than ${largestSettingsBytes} bytes` };
  const tooDeep = findDeepNesting(text);
  if (tooDeep !== null) return { ok: false, reason: `line ${tooDeep}: nested too deeply` };
  try {
    return readDocument(text);
  } catch (error) {
    return { ok: false, reason: `line 1: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function readDocument(text: string): ParsedSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: "1.2", schema: "core", logLevel: "error" });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { ok: false, reason: `line ${line}, column ${col}: ${error.message}` };
  }
  // Aliases would let a short text unfold into a huge value.
  const migrated = migrate(document.toJS({ maxAliasCount: 0 }));
  if (!migrated.ok) return migrated;
  const shape = validators.Settings(migrated.value);
  if (!shape.valid) {
    const violation = mostTelling(shape.violations);
    const path = (violation?.path ?? "").split("/").slice(1);
    return { ok: false, reason: `${placeOf(document, path, lines)}${path.join(".") || "the file"} ${violation?.message ?? "is not valid"}` };
  }
  const validation = validateSettings(shape.value);
  if (validation.ok) return validation;
  return { ok: false, reason: validation.problems.map((problem) => describeProblem(problem, document, lines)).join("; ") };
}

function describeProblem(problem: FieldProblem, document: Document, lines: LineCounter): string {
  const { message, example } = describeFieldProblem(problem);
  return `${placeOf(document, problem.field.split("."), lines)}${problem.field}: ${message} ${example}`;
}

/** The line of a field, or of the nearest thing around it that is in the file. */
function placeOf(document: Document, path: readonly string[], lines: LineCounter): string {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length).map(asKey), true);
    if (isNode(node) && node.range) return `line ${lines.linePos(node.range[0]).line}: `;
  }
  return "";
}

const asKey = (part: string) => (/^\d+$/.test(part) ? Number(part) : part);

/** The first line on which more is nested than settings can need; a count of characters, not a parser. */
function findDeepNesting(text: string): number | null {
  let open = 0;
  for (const [index, line] of text.split("\n").entries()) {
    for (const character of line) {
      if (character === "[" || character === "{") open++;
      else if (character === "]" || character === "}") open--;
      if (open > deepestNesting) return index + 1;
    }
    const [indentation = ""] = /^[\s?:-]*/.exec(line) ?? [];
    const indicators = indentation.replace(/\s/g, "").length;
    if (indicators > deepestNesting || indentation.length > longestIndentation) return index + 1;
  }
  return null;
}

/**
 * Of several complaints about one place, ajv lists those of every alternative: the one that tells most comes first. A field that is
 * wrong in every alternative, as an unknown `method`, decides which of them is meant, so nothing else can be said.
 */
function mostTelling(violations: readonly Violation[]): Violation | undefined {
  const constants = violations.filter(({ message }) => /constant/.test(message));
  const choice = constants.find(({ path }, index) => constants.findIndex((other) => other.path === path) < index);
  if (choice) return { path: choice.path, message: "is none of the values that it can have" };
  const rank = ({ message }: Violation) => {
    const place = [/required/, /^must (?!.*(?:constant|anyOf|additional))/, /additional/, /constant/].findIndex((words) => words.test(message));
    return place < 0 ? 9 : place;
  };
  return [...violations].sort((a, b) => rank(a) - rank(b))[0];
}
