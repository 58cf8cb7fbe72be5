import { posix } from "node:path";
import type { Import, Sources } from "./imports.ts";

/** Figures about the lines of some folders; blank lines do not count. */
export interface LineFigures {
  files: number;
  lines: number;
  medianFileLines: number;
  /** Files of more than 300 lines, blank lines among them, longest first. */
  longFiles: readonly { file: string; lines: number }[];
  /** Share of the lines over 100 columns, in per cent. */
  over100Percent: number;
  /** Lines over 120 columns, with their positions as `file:line`. */
  over120: readonly { place: string; line: string }[];
  commentPercent: number;
}

export function lineFigures(sources: Sources, roots: readonly string[]): LineFigures {
  const files = [...sources].filter(([file]) => roots.some((root) => file.startsWith(`${root}/`)));
  const sizes = files.map(([file, text]) => ({ file, lines: text.trimEnd().split("\n").length }));
  const lines = files.flatMap(([, text]) => text.split("\n")).filter((line) => line.trim() !== "");
  const share = (count: number) => (100 * count) / Math.max(1, lines.length);
  return {
    files: files.length,
    lines: lines.length,
    medianFileLines: sizes.map((size) => size.lines).sort((a, b) => a - b)[files.length >> 1] ?? 0,
    longFiles: sizes.filter((size) => size.lines > 300).sort((a, b) => b.lines - a.lines),
    over100Percent: share(lines.filter((line) => line.length > 100).length),
    over120: files.flatMap(([file, text]) =>
      text
        .split("\n")
        .flatMap((line, at) => (line.length > 120 ? [{ place: `${file}:${at + 1}`, line }] : [])),
    ),
    commentPercent: share(lines.filter((line) => /^\s*(?:\/\/|\/?\*)/.test(line)).length),
  };
}

/** The number of pairs of folders in which one imports the other, without tests. */
export function importsBetweenFolders(imports: readonly Import[]): number {
  const pairs = imports
    .filter(({ file, local }) => local && !file.startsWith("test/"))
    .map(({ file, target }) => [posix.dirname(file), posix.dirname(target)] as const)
    .filter(([from, to]) => from !== to);
  return new Set(pairs.map((pair) => pair.join(" "))).size;
}

/** Written in two parts, so that this file has none. */
const spread = `${"..."}{`;

/** A spread object literal in an object literal: it only keeps the formatter from breaking lines. */
export function spreadLiterals(sources: Sources): string[] {
  return [...sources].flatMap(([file, text]) =>
    text.split("\n").flatMap((line, at) => (line.includes(spread) ? [`${file}:${at + 1}`] : [])),
  );
}
