import {
  clip,
  type Frame,
  fitRow,
  lengthOf,
  type Row,
  type Run,
  run,
  wrap,
} from "../frame/frame.ts";
import { drawBlock } from "./draw-block.ts";
import { measure, widestPage } from "./measures.ts";
import type { Drawn, KeyHint, Page, Surroundings } from "./page.ts";

const smallestColumns = 80;
const smallestRows = 24;
/** A banner or message of more than one row takes the others from the body. */
const mostBannerRows = 2;
const mostMessageRows = 3;
/** What does not stay at the top is scrolled in so many rows at least. */
const leastScrolledRows = 5;

export interface LayoutWords {
  tooSmall: string;
  moreAbove: string;
  moreBelow: string;
  /** The name of a key in the console's language. */
  keyName(key: string): string;
}

export interface LaidOut {
  frame: Frame;
  /** The scroll that was used; the next layout starts from it. */
  scroll: number;
}

/** Lays out the whole screen: title, banner, body, message, keys. */
export function layOut(
  page: Page,
  around: Surroundings,
  size: { columns: number; rows: number },
  words: LayoutWords,
): LaidOut {
  const { columns, rows } = size;
  if (columns < smallestColumns || rows < smallestRows)
    return { frame: tooSmall(words.tooSmall, columns, rows), scroll: around.scroll };
  const width = Math.min(columns, widestPage);
  const banner = textRows(around.banner, columns, mostBannerRows);
  const message = textRows(around.message, columns, mostMessageRows);
  const bodyRows = rows - 2 - banner.length - message.length;
  const fill = page.blocks.findIndex(({ kind }) => kind === "fill");
  const pinned = drawBody(
    { ...page, blocks: fill < 0 ? [] : page.blocks.slice(fill + 1) },
    columns,
    bodyRows,
  );
  const visibleRows = Math.max(1, bodyRows - pinned.rows.length);
  const body = drawBody(
    { ...page, blocks: fill < 0 ? page.blocks : page.blocks.slice(0, fill) },
    columns,
    visibleRows,
  );
  const held = body.held <= visibleRows - leastScrolledRows ? body.held : 0;
  const scrolledRows = visibleRows - held;
  const scrolled = below(body, held);
  const scroll = scrollFor(scrolled, around, scrolledRows);
  const visible = scrolled.rows.slice(scroll, scroll + scrolledRows);
  while (visible.length < scrolledRows) visible.push([]);
  if (scroll > 0) visible[0] = marked(visible[0] ?? [], words.moreAbove, width);
  if (scroll + scrolledRows < scrolled.rows.length)
    visible[scrolledRows - 1] = marked(visible[scrolledRows - 1] ?? [], words.moreBelow, width);
  const lines: Row[] = [
    titleRow(page.title, around, columns),
    ...banner,
    ...body.rows.slice(0, held),
    ...visible,
    ...pinned.rows,
    ...message,
    keyRow(page.keys, words, columns),
  ];
  const cursorRow = body.cursor ? body.cursor.row - scroll : -1;
  const cursor =
    body.cursor && cursorRow >= 0 && cursorRow < visibleRows
      ? { column: Math.min(body.cursor.column, columns - 1), row: cursorRow + 1 + banner.length }
      : null;
  return {
    frame: { columns, rows, lines: lines.map((line) => fitRow(line, columns)), cursor },
    scroll,
  };
}

interface Body {
  rows: Row[];
  /** So many of the first rows stay at the top. */
  held: number;
  focus: { first: number; last: number } | null;
  cursor: { row: number; column: number } | null;
}

function drawBody(page: Page, columns: number, bodyRows: number): Body {
  const measures = measure(page.blocks, columns);
  let drawn = page.blocks.map((block) => ({ block, drawn: drawBlock(block, measures) }));
  let used = drawn.reduce((sum, each) => sum + each.drawn.rows.length, 0);
  // Remove optional empty rows first, from the bottom up, then other optional blocks in their
  // order.
  const optional = drawn.filter(({ block }) => "optional" in block && block.optional === true);
  const gaps = optional.filter(({ block }) => block.kind === "gap").toReversed();
  for (const each of [...gaps, ...optional.filter(({ block }) => block.kind !== "gap")]) {
    if (used <= bodyRows) break;
    drawn = drawn.filter((other) => other !== each);
    used -= each.drawn.rows.length;
  }
  const body: Body = { rows: [], held: 0, focus: null, cursor: null };
  for (const each of drawn) {
    if (each.block.kind === "hold") body.held = body.rows.length;
    append(body, each.drawn, body.rows.length);
  }
  return body;
}

/** What is below the first rows; a page with fields, which have the cursor, holds none. */
function below({ rows, focus }: Body, held: number): Pick<Body, "rows" | "focus"> {
  return {
    rows: rows.slice(held),
    focus: focus && { first: focus.first - held, last: focus.last - held },
  };
}

function append(body: Body, drawn: Drawn, top: number): void {
  body.rows.push(...drawn.rows);
  if (drawn.focus) body.focus = { first: top + drawn.focus.first, last: top + drawn.focus.last };
  if (drawn.cursor) body.cursor = { row: top + drawn.cursor.row, column: drawn.cursor.column };
}

/** Scrolls as little as possible so that the focus and a row around it are visible. */
function scrollFor(
  body: Pick<Body, "rows" | "focus">,
  { scroll: wished, followsFocus }: Surroundings,
  bodyRows: number,
): number {
  const last = Math.max(0, body.rows.length - bodyRows);
  let scroll = Math.min(Math.max(wished, 0), last);
  if (body.focus && followsFocus) {
    if (body.focus.last + 1 >= scroll + bodyRows)
      scroll = Math.min(last, body.focus.last + 2 - bodyRows);
    if (body.focus.first - 1 < scroll) scroll = Math.max(0, Math.min(last, body.focus.first - 1));
  }
  return scroll;
}

/** One empty row without a message, so that the body does not move. */
function textRows(said: Surroundings["message"], columns: number, most: number): Row[] {
  if (said === null) return [[]];
  return wrap(said.text, columns - 2)
    .slice(0, most)
    .map((line) => [run(` ${line}`, said.style)]);
}

function marked(row: Row, text: string, width: number): Row {
  const mark = ` ${text} `;
  return [...fitRow(row, width - lengthOf(mark) - 1), run(mark, "key")];
}

function titleRow(title: string, around: Surroundings, columns: number): Row {
  const right =
    around.simulated === null ? ` ${around.clock} ` : ` ${around.simulated}  ${around.clock} `;
  const left = clip(` ${around.product} - ${title}`, Math.max(0, columns - lengthOf(right)));
  return [...fitRow([run(left, "bar")], columns - lengthOf(right), "bar"), run(right, "bar")];
}

/**
 * The footer always has help and the way back, and as many of the other keys as fit. The help page
 * lists all.
 */
function keyRow(keys: readonly KeyHint[], { keyName }: LayoutWords, columns: number): Row {
  const lengthOfHint = ({ key, label }: KeyHint) => lengthOf(keyName(key)) + lengthOf(label) + 3;
  const always = keys.filter(({ key }) => key === "F1" || key === "Esc");
  let left = columns - always.reduce((sum, hint) => sum + lengthOfHint(hint), 0);
  const row: Run[] = [];
  for (const hint of keys) {
    if (!always.includes(hint)) {
      if (lengthOfHint(hint) > left) continue;
      left -= lengthOfHint(hint);
    }
    row.push(run(` ${keyName(hint.key)} `, "key"), run(`${hint.label} `));
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
  const shown = Array.from(
    { length: Math.max(rows, 0) },
    (_, row): Row => fitRow([run(lines[row] ?? "")], Math.max(columns, 0)),
  );
  return { columns, rows, lines: shown, cursor: null };
}
