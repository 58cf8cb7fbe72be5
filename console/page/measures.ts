import { lengthOf } from "../frame/frame.ts";
import type { Block } from "./page.ts";

export interface Measures {
  /** Columns of the screen. */
  columns: number;
  /** Columns of the page. */
  width: number;
  /**
   * Columns of the labels of all fields and of all facts: their boxes and values start in one
   * column.
   */
  fieldLabels: number;
  factLabels: number;
}

/** Lines longer than this are hard to read: a page's text never uses more columns. */
export const widestPage = 132;
/** Columns left of a block. */
export const margin = 2;

/** Measures a page. Text is at most `widestPage` wide; only a rule goes from edge to edge. */
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
