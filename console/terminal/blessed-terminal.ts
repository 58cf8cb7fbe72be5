import blessed from "blessed";
import { type Frame, type Style, styles } from "../frame/frame.ts";
import type { Key } from "../page/key.ts";
import { drawable, type Repertoire } from "./glyphs.ts";
import { InputNormaliser, type RawTerminalInput } from "./input-normaliser.ts";
import { type BlessedKey, keyReader } from "./keys.ts";
import { type RawTerminalOutput, SizedOutput } from "./output.ts";
import { attributeOf, type PaletteName, palettes } from "./palette.ts";

export interface BlessedTerminalOptions {
  input: RawTerminalInput;
  output: RawTerminalOutput;
  /** The value of TERM. */
  term: string;
  palette: PaletteName;
}

/** A terminal that paints frames and reports keys. Only this folder knows blessed. */
export interface ConsoleTerminal {
  size(): { columns: number; rows: number };
  paint(frame: Frame): void;
  /** Clears the terminal, so that the next frame is painted as a whole. */
  clear(): void;
  onKey(listener: (key: Key) => void): void;
  onResize(listener: () => void): void;
  /** Restores the terminal. */
  close(): void;
}

export function repertoireOf(term: string): Repertoire {
  return /^(linux|xterm|screen|tmux|rxvt|konsole|putty|alacritty|foot)/.test(term)
    ? "console-font"
    : "ascii-and-lines";
}

export function openBlessedTerminal(options: BlessedTerminalOptions): ConsoleTerminal {
  const input = new InputNormaliser(options.input);
  const output = new SizedOutput(options.output);
  // blessed starts tmux to get its version; nothing here depends on it.
  delete process.env.TMUX;
  // @types/blessed has the two types exchanged (a Writable input, a Readable output), so they are
  // passed untyped.
  const streams: object = { input, output };
  const screen = blessed.screen({
    ...streams,
    term: options.term,
    fullUnicode: false,
    smartCSR: false,
    fastCSR: false,
    useBCE: false,
  });
  const palette = palettes[options.palette];
  const repertoire = repertoireOf(options.term);
  const attributes = new Map<Style, number>(
    styles.map((style) => [style, attributeOf(palette[style])]),
  );

  let frame: Frame | null = null;
  // The only box. It has no content: it writes the frame into the cells that blessed compares and
  // sends.
  const canvas = blessed.box({ parent: screen, top: 0, left: 0, width: "100%", height: "100%" });
  canvas.render = () => {
    if (frame !== null) writeCells(screen.lines, frame, repertoire, attributes);
    return {
      xi: 0,
      xl: screen.lines[0]?.length ?? 0,
      yi: 0,
      yl: screen.lines.length,
      base: 0,
      _contentEnd: { x: 0, y: 0 },
      notop: 0,
      noleft: 0,
      noright: 0,
      nobot: 0,
    };
  };

  const placeCursor = () => {
    const { program } = screen;
    const cursor = frame?.cursor ?? null;
    if (cursor === null) {
      if (!program.cursorHidden) program.hideCursor();
      return;
    }
    program.cup(cursor.row, cursor.column);
    if (program.cursorHidden) program.showCursor();
  };

  // xterm's bracketed paste: marks enclose a pasted text. Other terminals ignore the mode.
  const marksPastes = /^(xterm|screen|tmux|rxvt|konsole|putty|alacritty|foot)/.test(options.term);
  if (marksPastes) options.output.write("\x1b[?2004h");

  let closed = false;
  return {
    size: () => ({ columns: output.columns, rows: output.rows }),
    paint(next) {
      if (closed) return;
      frame = next;
      screen.render();
      placeCursor();
      screen.program.flush();
    },
    clear() {
      if (!closed) screen.realloc();
    },
    onKey(listener) {
      const read = keyReader();
      screen.program.on(
        "keypress",
        (character: string | undefined, key: BlessedKey | undefined) => {
          const told = read(character, key);
          if (told !== null && !closed) listener(told);
        },
      );
    },
    onResize(listener) {
      screen.on("resize", listener);
    },
    close() {
      if (closed) return;
      closed = true;
      if (marksPastes) options.output.write("\x1b[?2004l");
      screen.destroy();
      input.destroy();
      output.destroy();
    },
  };
}

type Cells = ([attribute: number, character: string][] & { dirty: boolean })[];

function writeCells(
  lines: Cells,
  frame: Frame,
  repertoire: Repertoire,
  attributes: ReadonlyMap<Style, number>,
): void {
  const normal = attributes.get("normal") ?? 0;
  for (const [y, line] of lines.entries()) {
    let x = 0;
    for (const { text, style } of frame.lines[y] ?? []) {
      const attribute = attributes.get(style) ?? normal;
      for (const character of drawable(text, repertoire)) {
        if (x >= line.length) break;
        setCell(line, x, attribute, character);
        x += 1;
      }
    }
    for (; x < line.length; x++) setCell(line, x, normal, " ");
  }
}

function setCell(line: Cells[number], x: number, attribute: number, character: string): void {
  const cell = line[x];
  if (cell === undefined || (cell[0] === attribute && cell[1] === character)) return;
  cell[0] = attribute;
  cell[1] = character;
  line.dirty = true;
}
