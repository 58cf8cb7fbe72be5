import pty from "@lydell/node-pty";
import type { ConsoleProcess } from "../lab/appliance.ts";

/** Ctrl-] as telnet and virsh have it, and Ctrl-C; neither is a key of the console. */
const leaveKeys = [0x1d, 0x03];
const bufferLimit = 1_000_000;

/** The appliance's console, shown in this process's own terminal once `show` is called. */
export interface Relay extends ConsoleProcess {
  readonly exit: Promise<{ exitCode: number }>;
  /** Connects terminal and console until the person leaves or the appliance is off. */
  show(): Promise<"left" | "ended">;
  /** Closes the terminal of the console's program. */
  close(): void;
}

export function openRelay([command, ...args]: readonly [string, ...string[]]): Relay {
  const { stdin, stdout } = process;
  const child = pty.spawn(command, args, {
    name: process.env.TERM ?? "linux",
    cols: stdout.columns ?? 80,
    rows: stdout.rows ?? 24,
    // As they are: a character may be split between two reads.
    encoding: null,
    env: { ...process.env, SYSTEMD_TINT_BACKGROUND: "0", SYSTEMD_ADJUST_TERMINAL_TITLE: "0" },
  });
  let shown = false;
  let earlier: Uint8Array[] = [];
  let earlierBytes = 0;
  const onData = (data: string | Uint8Array) => {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (shown) stdout.write(bytes);
    else if (earlierBytes < bufferLimit) {
      earlier.push(bytes);
      earlierBytes += bytes.length;
    }
  };
  child.onData(onData);
  const exit = new Promise<{ exitCode: number }>((resolve) =>
    child.onExit(({ exitCode }) => resolve({ exitCode })),
  );
  const keyboard: { write(data: Uint8Array | string): void } = child;

  return {
    exit,
    close: () => child.kill("SIGHUP"),
    async show() {
      const resize = () => child.resize(stdout.columns ?? 80, stdout.rows ?? 24);
      const { promise: leaving, resolve: leave } = Promise.withResolvers<"left">();
      const left = () => leave("left");
      const onKeys = (data: Buffer) => {
        if (data.length === 1 && leaveKeys.includes(data[0] ?? 0)) left();
        else keyboard.write(data);
      };
      stdin.setRawMode(true);
      stdin.resume();
      stdin.on("data", onKeys);
      stdin.on("end", left);
      stdout.on("resize", resize);
      stdout.write("\x1b[2J\x1b[H");
      shown = true;
      for (const bytes of earlier) stdout.write(bytes);
      earlier = [];
      resize();
      try {
        return await Promise.race([leaving, exit.then(() => "ended" as const)]);
      } finally {
        shown = false;
        earlierBytes = bufferLimit;
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
