/**
 * What a piece of text means, not how it looks: a palette of the terminal turns it into colours and
 * attributes. Nothing is told by style alone: whatever is good, bad or focused also says so by a
 * word or a sign.
 */
export const styles = [
  "normal",
  "strong",
  "muted",
  "bar",
  "heading",
  "good",
  "warning",
  "bad",
  "field",
  "focus",
  "key",
] as const;
export type Style = (typeof styles)[number];

/** Text of one style. One character is one column: the terminal replaces what it cannot draw so. */
export interface Run {
  text: string;
  style: Style;
}

export type Row = readonly Run[];

/** A whole screen as plain data. */
export interface Frame {
  columns: number;
  rows: number;
  lines: readonly Row[];
  /** Where the terminal's own cursor stands; null hides it. */
  cursor: { column: number; row: number } | null;
}

export function run(text: string, style: Style = "normal"): Run {
  return { text, style };
}

/** Characters as the terminal counts columns. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

export function rowLength(row: Row): number {
  return row.reduce((sum, { text }) => sum + lengthOf(text), 0);
}

/** The text within `width` columns; what was cut off is shown by a dash of dots at its end. */
export function clip(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  if (width <= 2) return characters.slice(0, Math.max(width, 0)).join("");
  return `${characters.slice(0, width - 2).join("")}..`;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - lengthOf(text)));
}

/** The row in exactly `width` columns: cut off, or filled with spaces of `fill`. */
export function fitRow(row: Row, width: number, fill: Style = "normal"): Row {
  const fitted: Run[] = [];
  let left = width;
  for (const { text, style } of row) {
    if (left <= 0) break;
    const characters = [...text];
    const part = characters.length <= left ? text : characters.slice(0, left).join("");
    if (part !== "") fitted.push({ text: part, style });
    left -= Math.min(characters.length, left);
  }
  if (left > 0) fitted.push({ text: " ".repeat(left), style: fill });
  return fitted;
}

/** Breaks a text at spaces into lines of at most `width`; a longer word is broken inside. */
export function wrap(text: string, width: number): string[] {
  const limit = Math.max(width, 1);
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      const joined = line === "" ? word : `${line} ${word}`;
      if (lengthOf(joined) <= limit) {
        line = joined;
        continue;
      }
      if (line !== "") lines.push(line);
      const characters = [...word];
      while (characters.length > limit) lines.push(characters.splice(0, limit).join(""));
      line = characters.join("");
    }
    lines.push(line);
  }
  return lines;
}

/** The frame as text, one line a row. */
export function frameText(frame: Frame): string[] {
  return frame.lines.map((line) => line.map(({ text }) => text).join(""));
}
