import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

/**
 * A document, or the library's code for its error; `said` is null when the text nests too deeply to
 * be parsed.
 */
export type YamlValue = YamlContent | { ok: false; said: string | null; at: string };

interface YamlContent {
  ok: true;
  value: unknown;
  /**
   * The same with every scalar as it is written: a password that looks like a number would lose its
   * leading zero.
   */
  texts: unknown;
  lineOf: (path: readonly string[]) => string;
}

/**
 * Replaces a text that has a tag or an anchor: to YAML, a word after ! or & is no part of the value.
 */
export const marked = Symbol("marked");

/** YAML is parsed by recursion: a deeper text could overflow the stack. */
const deepest = 30;
const widest = 200;

/**
 * Parses untrusted YAML, and so JSON, within limits: no aliases, no duplicate keys, no deep nesting.
 */
export function readYaml(text: string): YamlValue {
  const tooDeep = firstDeepLine(text);
  if (tooDeep !== null) return { ok: false, said: null, at: `line ${tooDeep}` };
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
      version: "1.2",
      schema: "core",
      logLevel: "error",
    });
    const [error] = document.errors;
    if (error) {
      const { line, col } = lines.linePos(error.pos[0]);
      // The library's message quotes the text, which may hold a secret.
      return {
        ok: false,
        said: error.code.toLowerCase().replaceAll("_", " "),
        at: `line ${line}, column ${col}`,
      };
    }
    const lineOf = (path: readonly string[]) => {
      const node: unknown = document.getIn(path, true);
      const range =
        typeof node === "object" && node !== null && "range" in node ? node.range : null;
      const start: unknown = Array.isArray(range) ? range[0] : undefined;
      return typeof start === "number" ? `line ${lines.linePos(start).line}` : "";
    };
    return {
      ok: true,
      value: document.toJS({ maxAliasCount: 0 }),
      texts: textsOf(document.contents),
      lineOf,
    };
  } catch {
    return { ok: false, said: "it has aliases", at: "line 1" };
  }
}

function textsOf(node: unknown): unknown {
  if (!isNode(node)) return "";
  if (("tag" in node && node.tag !== undefined) || ("anchor" in node && node.anchor !== undefined))
    return marked;
  if (isMap(node))
    return Object.fromEntries(node.items.map(({ key, value }) => [String(key), textsOf(value)]));
  if (isSeq(node)) return node.items.map(textsOf);
  if (!isScalar(node) || node.value === null) return "";
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

function firstDeepLine(text: string): number | null {
  let open = 0;
  for (const [index, line] of text.split("\n").entries()) {
    for (const character of line) {
      if (character === "[" || character === "{") open++;
      else if (character === "]" || character === "}") open--;
      if (open > deepest) return index + 1;
    }
    const [indentation = ""] = /^[\s?:-]*/.exec(line) ?? [];
    if (indentation.length > widest || indentation.replace(/\s/g, "").length > deepest)
      return index + 1;
  }
  return null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isMarked(texts: unknown): boolean {
  if (texts === marked) return true;
  return typeof texts === "object" && texts !== null && Object.values(texts).some(isMarked);
}

/** The text of a field that a scalar, or a list of them, means; null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  if (value === null || value === undefined) return "";
  if (!Array.isArray(value)) return null;
  const parts = value.map(textOf);
  return parts.some((part) => part === null) ? null : parts.join(" ");
}
