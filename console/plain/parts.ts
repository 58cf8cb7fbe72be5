import type { Block, FieldBlock, Page } from "../page/page.ts";

/** A part of a page with a number in line mode: something to choose, fill in or do. */
export type Part =
  | { kind: "field"; field: FieldBlock; block: number }
  | { kind: "button"; label: string; block: number; index: number }
  | { kind: "row"; cells: readonly string[]; block: number; index: number }
  | { kind: "entry"; label: string; block: number; index: number }
  /** An action of a key that has no part of its own on the page, as F4 or Ctrl-R. */
  | { kind: "key"; key: string; label: string };

/**
 * Keys that only move, or that every screen has: line mode has commands for them, or does not need
 * them.
 */
const everywhere = /^(?:Tab|Enter|Esc|F1|F10|\?|Ctrl-L|Ctrl-Q)$/;
const pressable = /^(?:F[0-9]+|Ctrl-[A-Z]|[a-z])$/;

/** The parts of a page in their order. */
export function partsOf(page: Page): Part[] {
  // The last row of buttons belongs to the question that is open now.
  const asked = page.blocks.findLast((block) => block.kind === "buttons");
  const parts = page.blocks.flatMap((block, place) =>
    block.kind === "buttons" && asked !== undefined && block !== asked
      ? []
      : blockParts(block, place),
  );
  // A key that only presses a button is said once, by the button.
  const said = new Set(parts.flatMap((part) => (part.kind === "button" ? [part.label] : [])));
  const keys = page.keys.flatMap(({ key, label, acts }): Part[] =>
    acts === true || (pressable.test(key) && !everywhere.test(key) && !said.has(label))
      ? [{ kind: "key", key, label }]
      : [],
  );
  return [...parts, ...keys];
}

/** Whether Enter opens a row, as in a menu; on a page with buttons it presses the button. */
export function entersRows(page: Page): boolean {
  return (
    page.keys.some(({ key, acts }) => key === "Enter" && acts !== true) &&
    !page.blocks.some(({ kind }) => kind === "buttons")
  );
}

function blockParts(block: Block, place: number): Part[] {
  switch (block.kind) {
    case "field":
      return [{ kind: "field", field: block, block: place }];
    case "buttons":
      return block.labels.map((label, index) => ({ kind: "button", label, block: place, index }));
    case "table":
      return block.selected === undefined
        ? []
        : block.rows.map((cells, index) => ({
            kind: "row",
            cells: cells.map(({ text }) => text).filter((text) => text !== ""),
            block: place,
            index,
          }));
    case "menu":
      return block.items.map(({ label }, index) => ({ kind: "entry", label, block: place, index }));
    default:
      return [];
  }
}

/** The focused part; null when the page has no focus. */
export function focusedPart(page: Page): Part | null {
  return partsOf(page).find((part) => hasFocus(page, part)) ?? null;
}

export function hasFocus(page: Page, part: Part): boolean {
  const block = part.kind === "key" ? undefined : page.blocks[part.block];
  switch (part.kind) {
    case "field":
      return block?.kind === "field" && block.focused;
    case "button":
      return block?.kind === "buttons" && block.selected === part.index;
    case "row":
      return block?.kind === "table" && block.selected === part.index;
    case "entry":
      return block?.kind === "menu" && block.selected === part.index;
    case "key":
      return false;
  }
}
