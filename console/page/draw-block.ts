import {
  clip,
  fitRow,
  lengthOf,
  padEnd,
  type Row,
  type Run,
  run,
  type Style,
  wrap,
} from "../frame/frame.ts";
import { drawTable } from "./draw-table.ts";
import type { Block, Drawn, FieldBlock, MenuItem } from "./page.ts";

export interface Measures {
  /** Columns of the screen. */
  columns: number;
  /** Columns of the page. */
  width: number;
  /**
   * Columns of the labels of all fields, so that their boxes stand in one line; and of all facts.
   */
  fieldLabels: number;
  factLabels: number;
}

/** Wider lines are hard to read: a page's text never uses more. */
export const widestPage = 132;
const margin = 2;
/**
 * Options of a field that are shown at once: with what stands around them, they have room on 24
 * rows.
 */
const longestList = 9;

/** Signs that every terminal has, so that the meaning is there without colour. */
export const signs: Partial<Record<Style, string>> = { bad: "!", warning: "!" };

/** Text is not wider than people like to read; only a rule goes from edge to edge. */
export function measure(blocks: readonly Block[], columns: number): Measures {
  const width = Math.min(columns, widestPage);
  const widest = (labels: readonly string[]) =>
    Math.min(
      labels.reduce((most, label) => Math.max(most, lengthOf(label)), 0),
      Math.floor(width * 0.4),
    );
  const fieldLabels = widest(
    blocks.flatMap((block) => (block.kind === "field" ? [block.label] : [])),
  );
  const factLabels = widest(
    blocks.flatMap((block) =>
      block.kind === "facts" ? block.facts.map(({ label }) => label) : [],
    ),
  );
  return { columns, width, fieldLabels, factLabels };
}

export function drawBlock(block: Block, measures: Measures): Drawn {
  const { width } = measures;
  switch (block.kind) {
    case "gap":
      return { rows: [[]] };
    case "fill":
      return { rows: [] };
    case "rule":
      return { rows: [[run("─".repeat(measures.columns), "muted")]] };
    case "heading":
      return { rows: [headingRow(block.text, block.note, width)] };
    case "text":
      return { rows: textRows(block, width) };
    case "facts":
      return { rows: block.facts.flatMap(({ label, value }) => factRows(label, value, measures)) };
    case "table":
      return drawTable(block, width);
    case "progress":
      return { rows: [progressRow(block, width)] };
    case "field":
      return drawField(block, measures);
    case "menu":
      return drawMenu(block.items, block.selected, width);
    case "buttons":
      return drawButtons(block.labels, block.selected, width);
    case "verbatim":
      return {
        rows: block.lines.map((line) => [
          run(" ".repeat(margin)),
          run(clip(line, width - margin * 2)),
        ]),
      };
  }
}

function headingRow(
  text: string,
  note: { text: string; style?: Style } | undefined,
  width: number,
): Row {
  const row: Run[] = [run(` ${text}`, "heading")];
  if (note) {
    const room = width - lengthOf(text) - 5;
    row.push(run("  "), run(clip(note.text, room), note.style ?? "normal"));
  }
  return row;
}

function textRows(
  { text, style = "normal", indent = margin, label }: Block & { kind: "text" },
  width: number,
): Row[] {
  const lead = label ? lengthOf(label.text) + 2 : 0;
  return wrap(text, width - indent - lead - 1).map((line, index) => {
    const start: Run[] = [run(" ".repeat(indent))];
    if (label)
      start.push(
        index === 0
          ? run(padEnd(label.text, lead), label.style ?? "strong")
          : run(" ".repeat(lead)),
      );
    return [...start, run(line, style)];
  });
}

function factRows(
  label: string,
  value: { text: string; style?: Style },
  { width, factLabels: labelWidth }: Measures,
): Row[] {
  const lines = wrap(value.text, width - margin - labelWidth - 3);
  return lines.map((line, index) => [
    run(" ".repeat(margin)),
    run(padEnd(index === 0 ? clip(label, labelWidth) : "", labelWidth + 2), "muted"),
    run(line, value.style ?? "normal"),
  ]);
}

function progressRow({ label, percent, note }: Block & { kind: "progress" }, width: number): Row {
  const barWidth = Math.min(30, Math.max(10, width - lengthOf(label) - lengthOf(note) - 16));
  const done = Math.round((Math.min(Math.max(percent, 0), 100) / 100) * barWidth);
  const figures = `${Math.floor(percent)} %`.padStart(5);
  const room = width - margin - barWidth - 14 - lengthOf(note);
  return [
    run(" ".repeat(margin)),
    run(clip(label, Math.max(room, 8))),
    run("  ["),
    run("#".repeat(done), "good"),
    run(`${".".repeat(barWidth - done)}]${figures}  `),
    run(note, "muted"),
  ];
}

function drawField(block: FieldBlock, { width, fieldLabels: labelWidth }: Measures): Drawn {
  const marker = block.focused ? ">" : " ";
  const lead: Run[] = [
    run(` ${marker} `, block.focused ? "strong" : "normal"),
    run(padEnd(clip(block.label, labelWidth), labelWidth), block.focused ? "strong" : "normal"),
    run("  "),
  ];
  const column = 3 + labelWidth + 2;
  const rows: Row[] = [];
  let cursor: Drawn["cursor"];
  if (block.value.type === "text") {
    const { text, cursor: at, hiddenLeft, hiddenRight } = block.value;
    const boxWidth = Math.max(1, Math.min(block.value.width, width - column - 3));
    const style: Style = block.focused ? "focus" : "field";
    rows.push([
      ...lead,
      run(hiddenLeft ? "<" : "[", "muted"),
      run(padEnd(clipHard(text, boxWidth), boxWidth), style),
      run(hiddenRight ? ">" : "]", "muted"),
    ]);
    if (block.focused) cursor = { row: 0, column: column + 1 + Math.min(at, boxWidth) };
  } else {
    const { options, selected, list } = block.value;
    const { top, shown } = listWindow(selected, options.length);
    if (list === true && !block.focused)
      rows.push([...lead, run(clip(options[selected] ?? "", width - column - 1), "strong")]);
    else if (list !== true)
      rows.push(...choiceRows(lead, column, options, selected, block.focused, width, width));
    else {
      const drawn = choiceRows(
        lead,
        column,
        options.slice(top, top + shown),
        selected - top,
        block.focused,
        0,
        width,
      );
      // Said by signs at its edges: the list goes on.
      if (top > 0) drawn[0]?.push(run("^", "muted"));
      if (top + shown < options.length) drawn.at(-1)?.push(run("v", "muted"));
      rows.push(...drawn);
    }
    if (block.focused)
      cursor = {
        row: list === true && options.length > shown ? selected - top : 0,
        column: column + 1,
      };
  }
  const below = (text: string, style: Style, sign: string) => {
    const lines = wrap(text, width - column - lengthOf(sign) - 2);
    for (const [index, line] of lines.entries())
      rows.push([
        run(" ".repeat(column)),
        run(index === 0 ? sign : " ".repeat(lengthOf(sign)), style),
        run(line, style),
      ]);
  };
  if (block.error !== undefined) below(block.error, "bad", "! ");
  else if (block.note !== undefined) below(block.note, "warning", "! ");
  if (block.focused && block.hint !== undefined && block.error === undefined)
    below(block.hint, "muted", "");
  return block.focused && cursor
    ? { rows, focus: { first: 0, last: rows.length - 1 }, cursor }
    : { rows };
}

/** Of a long list the part around what is chosen: the first option shown, and how many. */
function listWindow(selected: number, count: number): { top: number; shown: number } {
  const shown = Math.min(count, longestList);
  return { top: Math.max(0, Math.min(selected - Math.floor(shown / 2), count - shown)), shown };
}

function clipHard(text: string, width: number): string {
  return [...text].slice(0, width).join("");
}

function choiceRows(
  lead: Run[],
  column: number,
  options: readonly string[],
  selected: number,
  focused: boolean,
  fold: number,
  width: number,
): Run[][] {
  const rows: Run[][] = [[...lead]];
  let used = column;
  const chosenStyle: Style = focused ? "focus" : "strong";
  options.forEach((option, index) => {
    const chosen = index === selected;
    const text = `(${chosen ? "*" : " "}) ${option}`;
    if (used > column && used + lengthOf(text) + 1 > fold) {
      rows.push([run(" ".repeat(column))]);
      used = column;
    }
    const style: Style = chosen ? chosenStyle : "normal";
    rows.at(-1)?.push(run(clip(text, width - column - 1), style), run("   "));
    used += lengthOf(text) + 3;
  });
  return rows;
}

function drawMenu(items: readonly MenuItem[], selected: number | null, width: number): Drawn {
  const perRow = menuColumns(items, width);
  const oneRow = perRow >= items.length;
  const widest = Math.max(...items.map(itemLength));
  const rows: Row[] = [];
  let focusRow = 0;
  for (let start = 0; start < items.length; start += perRow) {
    const row: Run[] = [run(" ")];
    items.slice(start, start + perRow).forEach((item, offset) => {
      const focused = start + offset === selected;
      if (focused) focusRow = rows.length;
      row.push(
        run(focused ? ">" : " ", "strong"),
        run(` ${item.key} `, focused ? "focus" : "key"),
        run(`${item.label} `, focused ? "focus" : "normal"),
      );
      row.push(
        run(
          " ".repeat(
            (oneRow ? itemLength(item) : widest) - lengthOf(item.key) - lengthOf(item.label) - 4,
          ),
        ),
      );
    });
    rows.push(fitRow(row, width));
  }
  return selected === null ? { rows } : { rows, focus: { first: focusRow, last: focusRow } };
}

function itemLength({ key, label }: MenuItem): number {
  return lengthOf(key) + lengthOf(label) + 5;
}

/**
 * How many items stand side by side: all, if they fit, else columns of one width. The model needs
 * it to know what is above and below.
 */
export function menuColumns(items: readonly MenuItem[], width: number): number {
  const room = Math.min(width, widestPage) - 2;
  if (items.reduce((sum, item) => sum + itemLength(item), 0) <= room)
    return Math.max(1, items.length);
  return Math.max(1, Math.min(items.length, Math.floor(room / Math.max(...items.map(itemLength)))));
}

function drawButtons(labels: readonly string[], selected: number | null, width: number): Drawn {
  const rows: Run[][] = [[run(" ".repeat(margin))]];
  let used = margin;
  let focusRow = 0;
  labels.forEach((label, index) => {
    const focused = index === selected;
    const text = focused ? `[> ${label} <]` : `[  ${label}  ]`;
    if (used > margin && used + lengthOf(text) + 1 > width) {
      rows.push([run(" ".repeat(margin))]);
      used = margin;
    }
    if (focused) focusRow = rows.length - 1;
    rows.at(-1)?.push(run(clip(text, width - margin - 1), focused ? "focus" : "normal"), run("  "));
    used += lengthOf(text) + 2;
  });
  return selected === null ? { rows } : { rows, focus: { first: focusRow, last: focusRow } };
}
