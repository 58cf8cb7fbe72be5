import type { Row, Style } from "../frame/frame.ts";
import type { NamedKey } from "./key.ts";

/**
 * The content of a screen without positions. The full screen's layout and line mode both render it.
 * A view only makes a page.
 */
export interface Page {
  title: string;
  blocks: readonly Block[];
  /** The keys of this page, for the footer. */
  keys: readonly KeyHint[];
  /**
   * Text that can be pasted here. A terminal types it; line mode recognises it by its first and
   * last line.
   */
  pasted?: PastedText;
}

export interface PastedText {
  first: RegExp;
  last: RegExp;
  /** The keys to press before and after the text. */
  before: NamedKey;
  after: NamedKey;
}

export interface KeyHint {
  key: string;
  label: string;
  /** Enter does something with the chosen row, which one looks at first: it does not open the row. */
  acts?: boolean;
}

export interface Cell {
  text: string;
  style?: Style;
}

export interface Column {
  header?: string;
  /** Takes the remaining width; several growing columns share it equally. */
  grow?: boolean;
  /** A cell that is too long goes on in the next row, instead of being cut off. */
  wraps?: boolean;
  align?: "left" | "right";
  /** The column is dropped on a screen with fewer columns than this. */
  fromWidth?: number;
}

export interface FieldBlock {
  kind: "field";
  label: string;
  focused: boolean;
  value:
    | {
        type: "text";
        /** The visible part. */
        text: string;
        /** Columns of the box. */
        width: number;
        /** Cursor within the visible part. */
        cursor: number;
        hiddenLeft: boolean;
        hiddenRight: boolean;
      }
    /** A list shows one option a row, and only the chosen one while it has no focus. */
    | { type: "choice"; options: readonly string[]; selected: number; list?: boolean | undefined };
  /** Shown while the field has the focus. */
  hint?: string | undefined;
  /** The problem with the value, and a value that would be right. */
  error?: string | undefined;
  /** A remark that is not an error. */
  note?: string | undefined;
  /** A secret: line mode does not echo it. */
  secret?: boolean | undefined;
}

export interface MenuItem {
  /** The key that opens it. */
  key: string;
  label: string;
}

export type Block =
  /** An empty row; an optional one is left out when there is no room. */
  | { kind: "gap"; optional?: boolean }
  | { kind: "heading"; text: string; note?: Cell }
  | { kind: "text"; text: string; style?: Style; indent?: number; label?: Cell; optional?: boolean }
  | { kind: "facts"; facts: readonly { label: string; value: Cell }[] }
  | {
      kind: "table";
      columns: readonly Column[];
      rows: readonly (readonly Cell[])[];
      indent?: number;
      selected?: number;
    }
  | { kind: "progress"; label: string; percent: number; note: string }
  | FieldBlock
  | { kind: "menu"; items: readonly MenuItem[]; selected: number | null }
  | { kind: "buttons"; labels: readonly string[]; selected: number | null }
  /** Text that is shown unchanged, line by line. */
  | { kind: "verbatim"; lines: readonly string[] }
  /** The blocks after this stay at the bottom of the screen. */
  | { kind: "fill" }
  /** The blocks before this stay at the top of the screen, unless they fill nearly all of it. */
  | { kind: "hold" }
  | { kind: "rule" };

/** The parts of every screen around its page. */
export interface Surroundings {
  product: string;
  /** At the right end of the first row. */
  clock: string;
  /** The described machine's name, or null on a real machine. */
  simulated: string | null;
  banner: { text: string; style: Style } | null;
  /** The result of the last action. */
  message: { text: string; style: Style } | null;
  /** First visible row of the body; the layout moves it so that the focus is visible. */
  scroll: number;
  /** False while the operator scrolls: then the focus may be out of sight. */
  followsFocus: boolean;
}

/** A drawn block: its rows, the focused rows, and the cursor. */
export interface Drawn {
  rows: Row[];
  /** First and last row that must be visible, counted within the block. */
  focus?: { first: number; last: number };
  cursor?: { row: number; column: number };
}
