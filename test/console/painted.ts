import { once } from "node:events";
import { PassThrough } from "node:stream";
import xterm from "@xterm/headless";
import type { Frame } from "../../console/frame/frame.ts";
import type { Key } from "../../console/page/key.ts";
import {
  type ConsoleTerminal,
  openBlessedTerminal,
} from "../../console/terminal/blessed-terminal.ts";
import { type PaletteName, paletteFor } from "../../console/terminal/palette.ts";

export interface PaintedCell {
  text: string;
  bold: boolean;
  inverse: boolean;
  underline: boolean;
  /** Colour 0 to 15, or null for the terminal's own. */
  foreground: number | null;
  background: number | null;
}

/** A terminal in this process: blessed paints into an emulator, whose cells tests can read. */
export interface PaintedTerminal {
  readonly terminal: ConsoleTerminal;
  readonly keys: Key[];
  /** Paints a frame and waits until the emulator has processed it. */
  show(frame: Frame): Promise<string[]>;
  rows(): string[];
  cells(): PaintedCell[][];
  cursor(): { column: number; row: number; hidden: boolean };
  type(bytes: string | Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Bytes written since the last call. */
  takeBytes(): number;
  close(): void;
}

export function openPainted(options: {
  term: string;
  columns: number;
  rows: number;
  palette?: PaletteName;
}): PaintedTerminal {
  const { term } = options;
  const emulator = new xterm.Terminal({
    cols: Math.max(options.columns, 1),
    rows: Math.max(options.rows, 1),
    allowProposedApi: true,
    scrollback: 0,
  });
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), {
    columns: options.columns,
    rows: options.rows,
    isTTY: true,
  });
  let bytes = 0;
  let written = "";
  output.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    written = written.slice(-4000) + chunk.toString("utf8");
    emulator.write(chunk);
  });
  const terminal = openBlessedTerminal({
    input,
    output,
    term,
    palette: options.palette ?? paletteFor(term, undefined),
  });
  const keys: Key[] = [];
  terminal.onKey((key) => keys.push(key));
  const rows = () =>
    Array.from(
      { length: emulator.rows },
      (_, row) => emulator.buffer.active.getLine(row)?.translateToString(false) ?? "",
    );
  return {
    terminal,
    keys,
    rows,
    async show(frame) {
      terminal.paint(frame);
      await digested(output, emulator);
      return rows();
    },
    cells: () => Array.from({ length: emulator.rows }, (_, row) => cellsOf(emulator, row)),
    cursor: () => ({
      column: emulator.buffer.active.cursorX,
      row: emulator.buffer.active.cursorY,
      hidden: written.lastIndexOf("\x1b[?25l") > written.lastIndexOf("\x1b[?25h"),
    }),
    type: (text) => {
      input.write(text);
    },
    resize(columns, rowCount) {
      Object.assign(output, { columns, rows: rowCount });
      emulator.resize(Math.max(columns, 1), Math.max(rowCount, 1));
      output.emit("resize");
    },
    takeBytes() {
      const taken = bytes;
      bytes = 0;
      return taken;
    },
    close: () => terminal.close(),
  };
}

async function digested(output: PassThrough, emulator: xterm.Terminal): Promise<void> {
  while (output.readableLength > 0) await once(output, "data");
  await new Promise<void>((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => emulator.write("", resolve));
}

function cellsOf(emulator: xterm.Terminal, row: number): PaintedCell[] {
  const line = emulator.buffer.active.getLine(row);
  return Array.from({ length: emulator.cols }, (_, column) => {
    const cell = line?.getCell(column);
    return {
      text: cell?.getChars() || " ",
      bold: (cell?.isBold() ?? 0) !== 0,
      inverse: (cell?.isInverse() ?? 0) !== 0,
      underline: (cell?.isUnderline() ?? 0) !== 0,
      foreground: cell?.isFgDefault() === false ? cell.getFgColor() : null,
      background: cell?.isBgDefault() === false ? cell.getBgColor() : null,
    };
  });
}
