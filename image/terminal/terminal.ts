import pty from "@lydell/node-pty";
import xterm from "@xterm/headless";

/** The keys of a terminal besides the printable characters. */
const commonKeys = {
  enter: "\r",
  tab: "\t",
  escape: "\x1b",
  backspace: "\x7f",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  insert: "\x1b[2~",
  delete: "\x1b[3~",
  "page-up": "\x1b[5~",
  "page-down": "\x1b[6~",
  f6: "\x1b[17~",
  f7: "\x1b[18~",
  f8: "\x1b[19~",
  f9: "\x1b[20~",
  f10: "\x1b[21~",
  "ctrl-a": "\x01",
  "ctrl-c": "\x03",
  "ctrl-d": "\x04",
  "ctrl-e": "\x05",
  "ctrl-k": "\x0b",
  "ctrl-l": "\x0c",
  "ctrl-q": "\x11",
  "ctrl-r": "\x12",
  "ctrl-u": "\x15",
  "ctrl-w": "\x17",
  "ctrl-]": "\x1d",
} as const;

/** Keys whose bytes differ by terminal: the first five function keys, Home, End and Shift-Tab. */
const linuxKeys = {
  f1: "\x1b[[A",
  f2: "\x1b[[B",
  f3: "\x1b[[C",
  f4: "\x1b[[D",
  f5: "\x1b[[E",
  home: "\x1b[1~",
  end: "\x1b[4~",
  "shift-tab": "\x1b\t",
} as const;
const xtermKeys = {
  f1: "\x1bOP",
  f2: "\x1bOQ",
  f3: "\x1bOR",
  f4: "\x1bOS",
  f5: "\x1b[15~",
  home: "\x1b[H",
  end: "\x1b[F",
  "shift-tab": "\x1b[Z",
} as const;

export type TerminalKey = keyof typeof commonKeys | keyof typeof linuxKeys;

export interface TerminalOptions {
  command: string;
  args?: readonly string[];
  /** The whole environment of the command; TERM is set by `term`. Default: this process's own. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  cols?: number;
  rows?: number;
  /** Default "linux": the screen of a virtual machine. */
  term?: string;
  /**
   * Pause between two bytes of input, as on a serial line. Without it characters are still written
   * one by one, but a key's sequence at once, as keyboards do.
   */
  byteGapMs?: number;
}

export interface WaitOptions {
  timeoutMs?: number;
  /** Names the wait in the error of a time-out. */
  what?: string;
}

export interface TerminalExit {
  exitCode: number;
  signal: number | null;
}

/** A command on a pseudo-terminal, its screen as a person sees it, and a keyboard. */
export interface Terminal {
  readonly pid: number;
  /** The rows of the screen, without spaces at their ends. */
  screen(): string[];
  /**
   * Resolves with the screen as soon as it holds the text, matches the expression, or satisfies the
   * check.
   */
  waitFor(
    wanted: string | RegExp | ((screen: string[]) => boolean),
    options?: WaitOptions,
  ): Promise<string[]>;
  press(...keys: (TerminalKey | (string & {}))[]): Promise<void>;
  type(text: string): Promise<void>;
  resize(cols: number, rows: number): void;
  /** Everything that the command wrote, raw. */
  output(): string;
  readonly exit: Promise<TerminalExit>;
  /**
   * Ends the command (SIGHUP as when the terminal goes away, then SIGKILL) and waits until it has
   * ended.
   */
  close(): Promise<void>;
}

const rawOutputLimit = 4_000_000;

export function openTerminal(options: TerminalOptions): Terminal {
  const term = options.term ?? "linux";
  const cols = options.cols ?? 80;
  const rows = options.rows ?? 24;
  const emulator = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 });
  const child = pty.spawn(options.command, [...(options.args ?? [])], {
    name: term,
    cols,
    rows,
    cwd: options.cwd ?? process.cwd(),
    env: { ...(options.env ?? process.env), TERM: term },
  });

  // The types know only strings, but single bytes of a character can be written only as bytes.
  const keyboard: { write(data: Uint8Array | string): void } = child;
  let raw = "";
  let ended: TerminalExit | null = null;
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of [...watchers]) watcher();
  };
  child.onData((data) => {
    if (raw.length < rawOutputLimit) raw += data;
    emulator.write(data, notify);
  });
  // A terminal answers the program's questions (device attributes, cursor position) on its input.
  emulator.onData((reply) => {
    if (ended === null) keyboard.write(reply);
  });
  const exit = new Promise<TerminalExit>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      const end: TerminalExit = { exitCode, signal: signal || null };
      // Settle only after the emulator has processed the last output.
      emulator.write("", () => {
        ended = end;
        resolve(end);
        notify();
      });
    });
  });

  const screen = () => {
    const buffer = emulator.buffer.active;
    return Array.from({ length: emulator.rows }, (_, row) =>
      (buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? "").trimEnd(),
    );
  };

  const writeBytes = async (bytes: Uint8Array) => {
    const whole = bytes[0] === 0x1b && options.byteGapMs === undefined;
    for (const part of whole ? [bytes] : Array.from(bytes, (byte) => Uint8Array.of(byte))) {
      if (ended !== null) throw new Error("the command has ended and reads no keys any more");
      keyboard.write(Buffer.from(part));
      await new Promise<void>((resolve) =>
        options.byteGapMs === undefined
          ? setImmediate(resolve)
          : setTimeout(resolve, options.byteGapMs),
      );
    }
  };

  const keyBytes = (key: string): string => {
    const table: Record<string, string> = {
      ...commonKeys,
      ...(term.startsWith("linux") ? linuxKeys : xtermKeys),
    };
    const known = table[key];
    if (known !== undefined) return known;
    if ([...key].length === 1) return key;
    throw new Error(`no such key: ${key}`);
  };

  return {
    pid: child.pid,
    screen,
    output: () => raw,
    exit,
    waitFor(wanted, { timeoutMs = 120_000, what } = {}) {
      const satisfied = (rowsNow: string[]) => {
        if (typeof wanted === "function") return wanted(rowsNow);
        const text = rowsNow.join("\n");
        return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
      };
      return new Promise((resolve, reject) => {
        const finish = (error: string | null) => {
          clearTimeout(timer);
          watchers.delete(check);
          if (error === null) resolve(screen());
          else
            reject(
              new Error(
                `${error}: ${what ?? String(wanted)}; the screen was:\n${screen().join("\n")}`,
              ),
            );
        };
        const check = () => {
          if (satisfied(screen())) finish(null);
          else if (ended !== null)
            finish(
              `the command ended (${JSON.stringify(ended)}) before the screen showed what was waited for`,
            );
        };
        const timer = setTimeout(() => finish(`not seen within ${timeoutMs} ms`), timeoutMs);
        watchers.add(check);
        check();
      });
    },
    async press(...keys) {
      for (const key of keys) {
        await writeBytes(Buffer.from(keyBytes(key), "utf8"));
        // A lone Escape differs from the start of a sequence only by the pause after it.
        if (key === "escape") await new Promise<void>((resolve) => setTimeout(resolve, 120));
      }
    },
    async type(text) {
      await writeBytes(Buffer.from(text, "utf8"));
    },
    resize(newCols, newRows) {
      emulator.resize(newCols, newRows);
      child.resize(newCols, newRows);
    },
    async close() {
      if (ended !== null) return;
      child.kill("SIGHUP");
      const killer = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await exit;
      clearTimeout(killer);
      emulator.dispose();
    },
  };
}
