import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
} from "yaml";
import { validateSettings } from "./checks/validate.ts";
import { clearestViolation } from "./clearest-violation.ts";
import { migrate } from "./migrate.ts";
import { describeFieldProblem, type FieldProblem } from "./model/problems.ts";
import type { Settings } from "./model/schema.ts";
import { validators } from "./validators.ts";
import { quoted } from "./values/field-value.ts";

/** Far above what settings need; a larger file is something else. */
export const largestSettingsBytes = 64 * 1024;
/** YAML is parsed by recursion: deeper brackets are no settings, and could overflow the stack. */
const deepestNesting = 30;
const longestIndentation = 200;
/**
 * Settings with every list full have less than half as many. A text of 64 KiB can have ten times as
 * many, and would take seconds to refuse.
 */
const mostTokens = 6000;
const mostLines = 8000;

export type ParsedSettings = { ok: true; settings: Settings } | { ok: false; reason: string };

/**
 * Reads the text of a settings file. The reason of a refusal names its place: line and column, or
 * the field.
 */
export function parseSettings(text: string): ParsedSettings {
  if (Buffer.byteLength(text) > largestSettingsBytes)
    return { ok: false, reason: `the file is longer than ${largestSettingsBytes} bytes` };
  const tooDeep = findDeepNesting(text);
  if (tooDeep !== null) return { ok: false, reason: `line ${tooDeep}: nested too deeply` };
  try {
    const tooMany = findTooManyTokens(text);
    if (tooMany !== null)
      return { ok: false, reason: `line ${tooMany}: more values than settings can have` };
    return readDocument(text);
  } catch (error) {
    return {
      ok: false,
      reason: `line 1: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function readDocument(text: string): ParsedSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    version: "1.2",
    schema: "core",
    logLevel: "error",
  });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { ok: false, reason: `line ${line}, column ${col}: ${error.message}` };
  }
  const twice = findRepeatedKey(document.contents);
  if (twice !== null) {
    const { line, col } = lines.linePos(twice.offset);
    return { ok: false, reason: `line ${line}, column ${col}: ${twice.key} is there twice` };
  }
  // Aliases would let a short text unfold into a huge value.
  const migrated = migrate(document.toJS({ maxAliasCount: 0 }));
  if (!migrated.ok) return migrated;
  const shape = validators.Settings(migrated.value);
  if (!shape.valid) {
    const violation = clearestViolation(shape.violations);
    const path = (violation?.path ?? "").split("/").slice(1);
    return {
      ok: false,
      reason: `${placeOf(document, path, lines)}${path.join(".") || "the file"} ${violation?.message ?? "is not valid"}`,
    };
  }
  const validation = validateSettings(shape.value);
  if (validation.ok) return validation;
  return {
    ok: false,
    reason: validation.problems
      .map((problem) => describeProblem(problem, document, lines))
      .join("; "),
  };
}

function describeProblem(problem: FieldProblem, document: Document, lines: LineCounter): string {
  const { message, example } = describeFieldProblem(problem);
  return `${placeOf(document, problem.field.split("."), lines)}${problem.field}: ${message} ${example}`;
}

/** The line of a field, or of the nearest part around it that the file has. */
function placeOf(document: Document, path: readonly string[], lines: LineCounter): string {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length).map(asKey), true);
    if (isNode(node) && node.range) return `line ${lines.linePos(node.range[0]).line}: `;
  }
  return "";
}

const asKey = (part: string) => (/^\d+$/.test(part) ? Number(part) : part);

/** The first line that goes beyond what settings can need; comments and blanks do not count. */
function findTooManyTokens(text: string): number | null {
  let [line, tokens] = [1, 0];
  for (const token of new Lexer().lex(text)) {
    if (/^[\n\r]/.test(token) && ++line > mostLines) return line;
    // Each escape of a quoted text can be a fault of its own.
    if (!/^[\s#]/.test(token))
      tokens += 1 + (token.startsWith('"') ? token.split("\\").length - 1 : 0);
    if (tokens > mostTokens) return line;
  }
  return null;
}

/** Uses a set: the parser's own check compares each key with all before it. */
function findRepeatedKey(node: unknown): { key: string; offset: number } | null {
  if (isSeq(node)) return firstOf(node.items, findRepeatedKey);
  if (!isMap(node)) return null;
  const keys = new Set<string>();
  return firstOf(node.items, ({ key, value }) => {
    if (isScalar(key)) {
      const name = String(key.value);
      if (keys.has(name)) return { key: quoted(name), offset: key.range?.[0] ?? 0 };
      keys.add(name);
    }
    return findRepeatedKey(key) ?? findRepeatedKey(value);
  });
}

function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | null,
): Found | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

/** The first line that nests deeper than settings can; it counts characters and is no parser. */
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
