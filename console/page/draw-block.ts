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
import { drawField } from "./draw-field.ts";
import { drawButtons, drawMenu } from "./draw-menu.ts";
import { drawTable } from "./draw-table.ts";
import { type Measures, margin } from "./measures.ts";
import type { Block, Drawn } from "./page.ts";

/** Signs beside the text, which carry the meaning on a terminal without colour. */
export const signs: Partial<Record<Style, string>> = { bad: "!", warning: "!" };

export function drawBlock(block: Block, measures: Measures): Drawn {
  const { width } = measures;
  switch (block.kind) {
    case "gap":
      return { rows: [[]] };
    case "fill":
    case "hold":
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
