import pty from "@lydell/node-pty";
import type { ConsoleProcess } from "../lab/appliance.ts";
import type { ProcessExit } from "../lab/appliance-end.ts";
import { footerRow, isWhole, paintFooter, rowsAboveFooter } from "./footer.ts";

/** Ctrl-], as telnet and virsh have it. No key of the console. */
export const askKey = 0x1d;
export const ctrlC = 0x03;
const ctrlL = "\x0c";
const bufferLimit = 1_000_000;
const tailLimit = 256;
const cursorSequences = /\x1b\[\?25[hl]/g;
/** After the last byte of a picture; the console paints one in a single write. */
const footerDelayMs = 100;

/** The appliance's console, shown in this process's own terminal while `show` is waited for. */
export interface Relay extends ConsoleProcess {
  readonly exit: Promise<ProcessExit>;
  /**
   * Connects terminal and console until the person leaves (Ctrl-C), asks for the page of addresses
   * (Ctrl-]), or the appliance's run has ended. `footer` stays below the console where the window
   * has a row for it.
   */
  show(footer?: string): Promise<"left" | "asked" | "ended">;
  /** Closes the terminal of the console's program. */
  close(): void;
}

export function openRelay([command, ...args]: readonly [string, ...string[]]): Relay {
  const { stdin, stdout } = process;
  const size = (footer: string | undefined) => {
    const [columns, rows] = [stdout.columns ?? 80, stdout.rows ?? 24];
    return { columns, windowRows: rows, rows: footer ? rowsAboveFooter(rows) : rows };
  };
  const { columns, rows } = size("any");
  const child = pty.spawn(command, args, {
    name: process.env.TERM ?? "linux",
    cols: columns,
    rows,
    // As they are: a character may be split between two reads.
    encoding: null,
    env: { ...process.env, SYSTEMD_TINT_BACKGROUND: "0", SYSTEMD_ADJUST_TERMINAL_TITLE: "0" },
  });
  const early = new EarlyOutput();
  const keeper = new FooterKeeper();
  let onOutput: ((bytes: Uint8Array) => void) | null = null;
  let times = 0;
  child.onData((data: string | Uint8Array) => {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (onOutput === null) early.keep(bytes);
    else onOutput(bytes);
  });
  const exit = new Promise<ProcessExit>((resolve) =>
    child.onExit(({ exitCode, signal }) => resolve({ exitCode, signal: signal || null })),
  );
  const keyboard: { write(data: Uint8Array | string): void } = child;

  return {
    exit,
    close: () => child.kill("SIGHUP"),
    async show(footer) {
      keeper.paint = () => {
        const { columns: width, windowRows } = size(footer);
        const row = footerRow(windowRows);
        if (footer !== undefined && row !== null) stdout.write(paintFooter(footer, row, width));
      };
      const resize = () => {
        const { columns: width, rows: height } = size(footer);
        child.resize(width, height);
        keeper.soon();
      };
      const { promise: leaving, resolve: leave } = Promise.withResolvers<"left" | "asked">();
      const left = () => leave("left");
      const onKeys = (data: Buffer) => {
        if (data.length === 1 && data[0] === ctrlC) left();
        else if (data.length === 1 && data[0] === askKey) leave("asked");
        else keyboard.write(data);
      };
      stdin.setRawMode(true);
      stdin.resume();
      stdin.on("data", onKeys);
      stdin.on("end", left);
      stdout.on("resize", resize);
      stdout.write("\x1b[2J\x1b[H");
      onOutput = (bytes) => {
        stdout.write(bytes);
        keeper.wrote(bytes);
      };
      times += 1;
      for (const bytes of early.take()) onOutput(bytes);
      try {
        resize();
        // What the console painted before has made way for a page meanwhile.
        if (times > 1) {
          stdout.write(keeper.cursor);
          keyboard.write(ctrlL);
        }
        return await Promise.race([leaving, exit.then(() => "ended" as const)]);
      } finally {
        keeper.stop();
        onOutput = null;
        early.enough = true;
        stdin.off("data", onKeys);
        stdin.off("end", left);
        stdout.off("resize", resize);
        stdin.setRawMode(false);
        stdin.pause();
        // Attributes, scroll region, cursor, mouse and the second screen as they were.
        stdout.write("\x1b[0m\x1b[r\x1b[?25h\x1b[?1000l\x1b[?1049l\x1b[2J\x1b[H");
      }
    },
  };
}

/** What the console wrote before it was shown for the first time. */
class EarlyOutput {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** What comes later is painted anew when it is asked for. */
  enough = false;

  keep(bytes: Uint8Array): void {
    if (this.enough || this.#bytes >= bufferLimit) return;
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
  }

  take(): Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }
}

/** Paints the footer again when the console has finished a picture, which may have erased it. */
class FooterKeeper {
  paint: () => void = () => undefined;
  /** Bytes that make the cursor visible or not, as the console wanted it last (DECTCEM). */
  cursor = "";
  #tail: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;

  wrote(bytes: Uint8Array): void {
    const text = Buffer.concat([this.#tail, bytes]);
    this.cursor = text.toString("latin1").match(cursorSequences)?.at(-1) ?? this.cursor;
    this.#tail = text.subarray(-tailLimit);
    this.soon();
  }

  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (isWhole(this.#tail)) this.paint();
    }, footerDelayMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
