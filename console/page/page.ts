import type { Row, Style } from "../frame/frame.ts";
import type { NamedKey } from "./key.ts";

/**
 * What a screen shows, by meaning and not by place: the layout of the full screen and the numbered
 * line mode both render this. A view makes a page and nothing else.
 */
export interface Page {
  title: string;
  blocks: readonly Block[];
  /** What the keys do here, for the footer. */
  keys: readonly KeyHint[];
  /**
   * What can be pasted here. A terminal types it; the line mode knows its lines by the first and
   * the last.
   */
  pasted?: PastedText;
}

export interface PastedText {
  first: RegExp;
  last: RegExp;
  /** Keys before the text and behind it. */
  before: NamedKey;
  after: NamedKey;
}

export interface KeyHint {
  key: string;
  label: string;
}

export interface Cell {
  text: string;
  style?: Style;
}

export interface Column {
  header?: string;
  /** Takes the room that is left; of several, each an equal part. */
  grow?: boolean;
  align?: "left" | "right";
  /** Dropped when the screen is narrower than this. */
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
    /** A list has one option a row, and shows only the chosen one while the focus is elsewhere. */
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
  /** An empty row; an optional one is left out where there is no room. */
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
  /** Text that is shown as it is, line by line. */
  | { kind: "verbatim"; lines: readonly string[] }
  /** What follows stays at the bottom of the screen, however long the rest is. */
  | { kind: "fill" }
  | { kind: "rule" };

/** What stands on every screen around the page. */
export interface Surroundings {
  product: string;
  /** At the right end of the first row. */
  clock: string;
  /** A described machine's name in words, or null on a real one. */
  simulated: string | null;
  banner: { text: string; style: Style } | null;
  /** How the last thing that was done ended. */
  message: { text: string; style: Style } | null;
  /** First row of the body that is shown; moved so that the focus is seen. */
  scroll: number;
  /** False while somebody pages through: then the focus may be out of sight. */
  followsFocus: boolean;
}

/** One block drawn: rows, where the focus is, and where the cursor stands. */
export interface Drawn {
  rows: Row[];
  /** Rows, counted within this block, that must be seen: first and last. */
  focus?: { first: number; last: number };
  cursor?: { row: number; column: number };
}
