import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import pty from "@lydell/node-pty";

/**
 * `slow-line.ts BITS_PER_SECOND SOCKET COMMAND...` simulates a serial line between this terminal
 * and the socket that the command listens on; with `-` for the socket, between this terminal and a
 * terminal of the command's own. It passes one byte at a time each way, never faster than such a
 * line. QEMU's serial port itself has no speed. While this does not read, QEMU waits, and so does
 * the guest's driver, as on a real line. A socket buffers only some 300 bytes, since the kernel
 * counts its overhead for each write too; a terminal buffers a few thousand, like a driver.
 */
const connectTries = 200;
/** A process that was delayed may catch up this much, in milliseconds. */
const mostLateMs = 20;

/** When the next byte is due. */
class Pace {
  readonly #gapMs: number;
  #dueMs = 0;
  /** How much later than due the last byte was passed. An idle line earns no such credit. */
  #lateMs = 0;

  /** A byte is ten bits on the line: start, eight, stop. */
  constructor(bitsPerSecond: number) {
    this.#gapMs = 10_000 / bitsPerSecond;
  }

  async next(): Promise<void> {
    const nowMs = performance.now();
    const creditMs = Math.min(this.#lateMs, mostLateMs);
    this.#dueMs = Math.max(this.#dueMs + this.#gapMs, nowMs - creditMs);
    if (this.#dueMs > nowMs) await delay(this.#dueMs - nowMs);
    this.#lateMs = Math.max(0, performance.now() - this.#dueMs);
  }
}

/** The program at the other end of the line. */
interface FarEnd {
  write(byte: Uint8Array): void;
  /** The command's exit code. */
  ended: Promise<number>;
  end(): void;
}

/** Takes bytes as they come; resolves when more may come. */
type Take = (bytes: Uint8Array) => Promise<void>;

async function connectTo(path: string, take: Take): Promise<Socket> {
  for (let tries = 1; ; tries++) {
    const onread = {
      buffer: Buffer.alloc(1),
      callback: (_length: number, read: Uint8Array) => {
        void take(Buffer.from(read)).then(() => socket.resume());
        return false;
      },
    };
    const socket = connect({ path, onread });
    try {
      await once(socket, "connect");
      return socket.on("error", () => socket.destroy());
    } catch (error) {
      if (tries === connectTries) throw error;
      await delay(50);
    }
  }
}

function atSocket(path: string, command: string, args: readonly string[], take: Take): FarEnd {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "exit").then(([code]) => (typeof code === "number" ? code : 1));
  const connecting = connectTo(path, take);
  connecting.catch(() => child.kill("SIGTERM"));
  return {
    // A connection fails while the command does not listen yet. Keys typed until then are lost, as
    // on a line without a machine.
    write: (byte) =>
      void connecting
        .then((socket) => socket.destroyed || socket.write(byte))
        .catch(() => undefined),
    ended,
    end: () => child.kill("SIGTERM"),
  };
}

function atTerminal(command: string, args: readonly string[], take: Take): FarEnd {
  const { columns = 80, rows = 24 } = process.stdout;
  const child = pty.spawn(command, [...args], {
    name: process.env.TERM ?? "vt220",
    cols: columns,
    rows,
    encoding: null,
  });
  // The types know only strings; without an encoding there are only bytes.
  const far: { write(data: Uint8Array | string): void } = child;
  let taken = Promise.resolve();
  child.onData((data) => {
    child.pause();
    taken = take(Buffer.from(data)).then(() => child.resume());
  });
  const ended = new Promise<number>((resolve) =>
    child.onExit(({ exitCode }) => void taken.then(() => resolve(exitCode))),
  );
  return { write: (byte) => far.write(Buffer.from(byte)), ended, end: () => child.kill("SIGHUP") };
}

async function main([
  speed = "",
  path = "",
  command = "",
  ...args
]: readonly string[]): Promise<void> {
  const bitsPerSecond = Number(speed);
  if (!(bitsPerSecond > 0) || command === "")
    throw new Error("usage: slow-line.ts BITS_PER_SECOND SOCKET|- COMMAND...");
  if (process.stdin.isTTY) process.stdin.setRawMode(true);
  const outward = new Pace(bitsPerSecond);
  const take: Take = async (bytes) => {
    for (const byte of bytes) {
      await outward.next();
      process.stdout.write(Uint8Array.of(byte));
    }
  };
  const far = path === "-" ? atTerminal(command, args, take) : atSocket(path, command, args, take);
  // Its end is reported at once; the rest of its output is dropped.
  void far.ended.then((code) => process.exit(code));
  process.on("SIGHUP", () => far.end());

  const inward = new Pace(bitsPerSecond);
  for await (const chunk of process.stdin) {
    for (const byte of Buffer.from(chunk)) {
      await inward.next();
      far.write(Uint8Array.of(byte));
    }
  }
}

await main(process.argv.slice(2));
