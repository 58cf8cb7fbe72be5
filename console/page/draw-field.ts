import {
  clip,
  lengthOf,
  padEnd,
  type Row,
  type Run,
  run,
  type Style,
  wrap,
} from "../frame/frame.ts";
import type { Measures } from "./measures.ts";
import type { Drawn, FieldBlock } from "./page.ts";

/** Options of a list that are shown at once: with the rest of the screen they fit on 24 rows. */
const longestList = 9;

/** Draws a field: label, box or options, and the error, note or hint below. */
export function drawField(block: FieldBlock, { width, fieldLabels: labelWidth }: Measures): Drawn {
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
      // Signs at its edges show that the list goes on.
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
  else if (block.note !== undefined) below(block.note, "warning", "- ");
  if (block.focused && block.hint !== undefined && block.error === undefined)
    below(block.hint, "muted", "");
  return block.focused && cursor
    ? { rows, focus: { first: 0, last: rows.length - 1 }, cursor }
    : { rows };
}

/**
 * The visible part of a long list around the chosen option: index of its first option, and its
 * length.
 */
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
