import { clip, fitRow, lengthOf, type Row, type Run, run } from "../frame/frame.ts";
import { margin, widestPage } from "./measures.ts";
import type { Drawn, MenuItem } from "./page.ts";

/** Draws a menu: its items side by side, or in columns. */
export function drawMenu(
  items: readonly MenuItem[],
  selected: number | null,
  width: number,
): Drawn {
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
 * The number of items side by side: all, if they fit, else columns of equal width. Models use it
 * for the up and down keys.
 */
export function menuColumns(items: readonly MenuItem[], width: number): number {
  const room = Math.min(width, widestPage) - 2;
  if (items.reduce((sum, item) => sum + itemLength(item), 0) <= room)
    return Math.max(1, items.length);
  return Math.max(1, Math.min(items.length, Math.floor(room / Math.max(...items.map(itemLength)))));
}

/** Draws a row of buttons, broken where it is too wide. */
export function drawButtons(
  labels: readonly string[],
  selected: number | null,
  width: number,
): Drawn {
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
