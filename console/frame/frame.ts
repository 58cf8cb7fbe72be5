/**
 * The meaning of a text; a terminal's palette turns it into colours and attributes. A style is
 * never the only sign: a word or a character also says what is good, bad or focused.
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

/**
 * Text of one style. One character is one column: the terminal replaces characters that it cannot
 * draw.
 */
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
  /** Position of the terminal's own cursor; null hides it. */
  cursor: { column: number; row: number } | null;
}

export function run(text: string, style: Style = "normal"): Run {
  return { text, style };
}

/** The length of a text in columns. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

export function rowLength(row: Row): number {
  return row.reduce((sum, { text }) => sum + lengthOf(text), 0);
}

/** The text cut to `width` columns, with dots at its end if something was cut off. */
export function clip(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  if (width <= 2) return characters.slice(0, Math.max(width, 0)).join("");
  return `${characters.slice(0, width - 2).join("")}..`;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - lengthOf(text)));
}

/** The row cut or filled to exactly `width` columns. */
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

/**
 * Breaks a text at spaces into lines of at most `width` columns. Longer words are broken inside.
 */
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
