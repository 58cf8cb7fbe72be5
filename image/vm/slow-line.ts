import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/**
 * `slow-line.ts BITS_PER_SECOND SOCKET COMMAND...` is a serial line between this terminal and the socket that the command listens on: one byte at a time
 * each way, never quicker than such a line is. QEMU's serial port itself has no speed; what this does not take yet, QEMU keeps waiting, and so the
 * machine's own driver, as on a real one. Only some 300 bytes are under way: the kernel counts far more for each byte in a socket than the byte.
 */
const connectTries = 200;
/** A process that was held up may catch up this far. */
const mostLateMs = 20;

/** When the next byte is due. */
class Pace {
  readonly #gapMs: number;
  #dueMs = 0;

  /** A byte is ten bits on the line: start, eight, stop. */
  constructor(bitsPerSecond: number) {
    this.#gapMs = 10_000 / bitsPerSecond;
  }

  async next(): Promise<void> {
    const nowMs = performance.now();
    this.#dueMs = Math.max(this.#dueMs + this.#gapMs, nowMs - mostLateMs);
    if (this.#dueMs > nowMs) await delay(this.#dueMs - nowMs);
  }
}

async function connectTo(path: string, onByte: (byte: Buffer) => boolean): Promise<Socket> {
  for (let tries = 1; ; tries++) {
    const buffer = Buffer.alloc(1);
    const socket = connect({ path, onread: { buffer, callback: (_length, read) => onByte(Buffer.from(read)) } });
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      if (tries === connectTries) throw error;
      await delay(50);
    }
  }
}

async function main([speed = "", path = "", command = "", ...words]: readonly string[]): Promise<void> {
  const bitsPerSecond = Number(speed);
  if (!(bitsPerSecond > 0) || command === "") throw new Error("usage: slow-line.ts BITS_PER_SECOND SOCKET COMMAND...");
  const child = spawn(command, words, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "exit");
  // Its end is told at once; what stays of the terminal is nobody's.
  void ended.then(([code]) => process.exit(typeof code === "number" ? code : 1));
  process.on("SIGHUP", () => child.kill("SIGTERM"));
  if (process.stdin.isTTY) process.stdin.setRawMode(true);

  const outward = new Pace(bitsPerSecond);
  const socket = await connectTo(path, (byte) => {
    void outward.next().then(() => {
      process.stdout.write(byte);
      socket.resume();
    });
    return false;
  });
  socket.on("error", () => socket.destroy());

  const inward = new Pace(bitsPerSecond);
  for await (const chunk of process.stdin) {
    for (const byte of Buffer.from(chunk)) {
      await inward.next();
      if (!socket.destroyed) socket.write(Uint8Array.of(byte));
    }
  }
}

await main(process.argv.slice(2));
