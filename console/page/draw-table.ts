import { clip, lengthOf, padEnd, type Row, type Run, run, wrap } from "../frame/frame.ts";
import type { Block, Cell, Column, Drawn } from "./page.ts";

const gapWidth = 2;

/**
 * Makes each column as wide as its widest cell. Growing columns share the remaining width; where
 * there is too little, a cell goes on in the next row or is cut off.
 */
export function drawTable(block: Block & { kind: "table" }, width: number): Drawn {
  const indent = block.indent ?? 2;
  const shown = block.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => width >= (column.fromWidth ?? 0));
  const widths = columnWidths(block, shown, width - indent - 1);
  const rows: Row[] = [];
  if (shown.some(({ column }) => column.header !== undefined)) {
    rows.push(
      ...tableRows(
        shown.map(({ column }) => ({ text: column.header ?? "", style: "muted" }) as const),
        shown,
        widths,
        indent,
      ),
    );
  }
  let focus: Drawn["focus"];
  block.rows.forEach((cells, number) => {
    const selected = number === block.selected;
    const [row = [], ...more] = tableRows(
      shown.map(({ index }, position) => {
        const cell = cells[index] ?? { text: "" };
        return selected && position === 0 ? { ...cell, style: "focus" } : cell;
      }),
      shown,
      widths,
      indent,
    );
    if (selected) focus = { first: rows.length, last: rows.length + more.length };
    rows.push(
      selected
        ? [run(" ".repeat(Math.max(0, indent - 2))), run("> ", "strong"), ...row.slice(1)]
        : row,
      ...more,
    );
  });
  return focus ? { rows, focus } : { rows };
}

function columnWidths(
  block: Block & { kind: "table" },
  shown: { column: Column; index: number }[],
  room: number,
): number[] {
  const natural = shown.map(({ column, index }) =>
    Math.max(
      lengthOf(column.header ?? ""),
      ...block.rows.map((cells) => lengthOf(cells[index]?.text ?? "")),
      0,
    ),
  );
  const growing = shown.map(({ column }) => column.grow === true);
  const gaps = gapWidth * Math.max(0, shown.length - 1);
  let left = room - gaps;
  const widths = natural.map((wish, position) =>
    growing[position] ? 0 : Math.min(wish, Math.max(0, left)),
  );
  left -= widths.reduce((sum, each) => sum + each, 0);
  let open = natural.flatMap((_, position) => (growing[position] ? [position] : []));
  while (open.length > 0) {
    const share = Math.floor(Math.max(0, left) / open.length);
    const small = open.filter((position) => (natural[position] ?? 0) <= share);
    const settled = small.length > 0 ? small : open;
    for (const position of settled) {
      widths[position] = Math.min(natural[position] ?? 0, share);
      left -= widths[position] ?? 0;
    }
    open = open.filter((position) => !settled.includes(position));
  }
  return widths;
}

function tableRows(
  cells: readonly Cell[],
  shown: { column: Column }[],
  widths: readonly number[],
  indent: number,
): Row[] {
  const lines = cells.map(({ text }, position) => {
    const width = widths[position] ?? 0;
    const wraps = shown[position]?.column.wraps === true && width > 0;
    return wraps ? wrap(text, width) : [clip(text, width)];
  });
  const height = Math.max(1, ...lines.map((each) => each.length));
  return Array.from({ length: height }, (_, line) => {
    const row: Run[] = [run(" ".repeat(indent))];
    cells.forEach((cell, position) => {
      const width = widths[position] ?? 0;
      const text = lines[position]?.[line] ?? "";
      if (position > 0) row.push(run(" ".repeat(gapWidth)));
      row.push(
        run(
          shown[position]?.column.align === "right" ? text.padStart(width) : padEnd(text, width),
          cell.style ?? "normal",
        ),
      );
    });
    return row;
  });
}
