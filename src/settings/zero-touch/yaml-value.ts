import { LineCounter, parseDocument } from "yaml";

/** What the library says of it, or null when it is nested too deeply to be given to it. */
export type YamlValue = { ok: true; value: unknown; lineOf: (path: readonly string[]) => string } | { ok: false; said: string | null; at: string };

/** YAML nests by recursion: a text that goes deeper than anything of ours could overflow the stack. */
const deepest = 30;
const widest = 200;

/** YAML of somebody else, within limits: no aliases, no duplicate keys, no deep nesting. JSON is YAML too. */
export function readYaml(text: string): YamlValue {
  const tooDeep = firstDeepLine(text);
  if (tooDeep !== null) return { ok: false, said: null, at: `line ${tooDeep}` };
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: "1.2", schema: "core", logLevel: "error" });
    const [error] = document.errors;
    if (error) {
      const { line, col } = lines.linePos(error.pos[0]);
      return { ok: false, said: error.message.slice(0, 200), at: `line ${line}, column ${col}` };
    }
    const lineOf = (path: readonly string[]) => {
      const node: unknown = document.getIn(path, true);
      const range = typeof node === "object" && node !== null && "range" in node ? node.range : null;
      const start: unknown = Array.isArray(range) ? range[0] : undefined;
      return typeof start === "number" ? `line ${lines.linePos(start).line}` : "";
    };
    return { ok: true, value: document.toJS({ maxAliasCount: 0 }), lineOf };
  } catch (error) {
    return { ok: false, said: (error instanceof Error ? error.message : String(error)).slice(0, 200), at: "line 1" };
  }
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
    if (indentation.length > widest || indentation.replace(/\s/g, "").length > deepest) return index + 1;
  }
  return null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a scalar, or a list of them, means as the text of a field; null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value === null || value === undefined) return "";
  if (!Array.isArray(value)) return null;
  const parts = value.map(textOf);
  return parts.some((part) => part === null) ? null : parts.join(" ");
}
