import { clip, type Frame, fitRow, lengthOf, type Row, type Run, run, wrap } from "../frame/frame.ts";
import { drawBlock, measure, widestPage } from "./draw-block.ts";
import type { Drawn, KeyHint, Page, Surroundings } from "./page.ts";

export const smallestColumns = 80;
export const smallestRows = 24;
/** Title and banner above, keys below. */
const rowsAround = 3;
/** A failure with its remedy may need more than one row; the body gives them up while it is shown. */
const mostMessageRows = 3;

export interface LayoutWords {
  tooSmall: string;
  moreAbove: string;
  moreBelow: string;
}

export interface LaidOut {
  frame: Frame;
  /** The scroll that was used, to be given again the next time. */
  scroll: number;
}

/** The whole screen: title, banner, body, message, keys. */
export function layOut(page: Page, around: Surroundings, size: { columns: number; rows: number }, words: LayoutWords): LaidOut {
  const { columns, rows } = size;
  if (columns < smallestColumns || rows < smallestRows) return { frame: tooSmall(words.tooSmall, columns, rows), scroll: around.scroll };
  const width = Math.min(columns, widestPage);
  const message = messageRows(around, columns);
  const bodyRows = rows - rowsAround - message.length;
  const body = drawBody(page, width, bodyRows);
  const scroll = scrollFor(body, around, bodyRows);
  const visible = body.rows.slice(scroll, scroll + bodyRows);
  while (visible.length < bodyRows) visible.push([]);
  if (scroll > 0) visible[0] = marked(visible[0] ?? [], words.moreAbove, width);
  if (scroll + bodyRows < body.rows.length) visible[bodyRows - 1] = marked(visible[bodyRows - 1] ?? [], words.moreBelow, width);
  const bannerRow: Row = around.banner ? fitRow([run(` ${clip(around.banner.text, columns - 2)}`, around.banner.style)], columns, around.banner.style) : [];
  const lines: Row[] = [titleRow(page.title, around, columns), bannerRow, ...visible, ...message, keyRow(page.keys, columns)];
  const cursorRow = body.cursor ? body.cursor.row - scroll : -1;
  const cursor = body.cursor && cursorRow >= 0 && cursorRow < bodyRows ? { column: Math.min(body.cursor.column, columns - 1), row: cursorRow + 2 } : null;
  return { frame: { columns, rows, lines: lines.map((line) => fitRow(line, columns)), cursor }, scroll };
}

interface Body {
  rows: Row[];
  focus: { first: number; last: number } | null;
  cursor: { row: number; column: number } | null;
}

function drawBody(page: Page, width: number, bodyRows: number): Body {
  const measures = measure(page.blocks, width);
  let drawn = page.blocks.map((block) => ({ block, drawn: drawBlock(block, measures) }));
  let used = drawn.reduce((sum, each) => sum + each.drawn.rows.length, 0);
  // From the last to the first, so that what is most important keeps its room.
  for (const each of drawn.toReversed()) {
    if (used <= bodyRows || !("optional" in each.block) || each.block.optional !== true) continue;
    drawn = drawn.filter((other) => other !== each);
    used -= each.drawn.rows.length;
  }
  const spare = Math.max(0, bodyRows - used);
  const body: Body = { rows: [], focus: null, cursor: null };
  for (const each of drawn) {
    const top = body.rows.length;
    if (each.block.kind === "fill") body.rows.push(...Array.from({ length: spare }, (): Row => []));
    else append(body, each.drawn, top);
  }
  return body;
}

function append(body: Body, drawn: Drawn, top: number): void {
  body.rows.push(...drawn.rows);
  if (drawn.focus) body.focus = { first: top + drawn.focus.first, last: top + drawn.focus.last };
  if (drawn.cursor) body.cursor = { row: top + drawn.cursor.row, column: drawn.cursor.column };
}

/** As little movement as possible, but the focus with a row around it is seen. */
function scrollFor(body: Body, { scroll: wished, followsFocus }: Surroundings, bodyRows: number): number {
  const last = Math.max(0, body.rows.length - bodyRows);
  let scroll = Math.min(Math.max(wished, 0), last);
  if (body.focus && followsFocus) {
    if (body.focus.last + 1 >= scroll + bodyRows) scroll = Math.min(last, body.focus.last + 2 - bodyRows);
    if (body.focus.first - 1 < scroll) scroll = Math.max(0, Math.min(last, body.focus.first - 1));
  }
  return scroll;
}

function messageRows({ message }: Surroundings, columns: number): Row[] {
  if (message === null) return [[]];
  return wrap(message.text, columns - 2)
    .slice(0, mostMessageRows)
    .map((line) => [run(` ${line}`, message.style)]);
}

function marked(row: Row, text: string, width: number): Row {
  const mark = ` ${text} `;
  return [...fitRow(row, width - lengthOf(mark) - 1), run(mark, "key")];
}

function titleRow(title: string, around: Surroundings, columns: number): Row {
  const right = around.simulated === null ? ` ${around.clock} ` : ` ${around.simulated}  ${around.clock} `;
  const left = clip(` ${around.product} - ${title}`, Math.max(0, columns - lengthOf(right)));
  return [...fitRow([run(left, "bar")], columns - lengthOf(right), "bar"), run(right, "bar")];
}

function keyRow(keys: readonly KeyHint[], columns: number): Row {
  const row: Run[] = [];
  let used = 0;
  for (const { key, label } of keys) {
    const length = lengthOf(key) + lengthOf(label) + 3;
    if (used + length > columns) break;
    row.push(run(` ${key} `, "key"), run(`${label} `));
    used += length;
  }
  return row;
}

function tooSmall(text: string, columns: number, rows: number): Frame {
  const words = text.split(" ");
  const lines: string[] = [""];
  for (const word of words) {
    const line = lines.at(-1) ?? "";
    const joined = line === "" ? word : `${line} ${word}`;
    if (lengthOf(joined) <= columns) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  const shown = Array.from({ length: Math.max(rows, 0) }, (_, row): Row => fitRow([run(lines[row] ?? "")], Math.max(columns, 0)));
  return { columns, rows, lines: shown, cursor: null };
}
