import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { openTerminal } from "../../image/terminal/terminal.ts";

const slowLine = fileURLToPath(new URL("../../image/vm/slow-line.ts", import.meta.url));
const bitsPerSecond = 9600;
/** Start bit, eight, stop bit. */
const bytesPerSecond = bitsPerSecond / 10;

test("a line of 9600 bits per second carries every byte in its order, one at a time and no quicker, each way at once", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-slow-line-"));
  const path = join(folder, "serial");
  const text = Array.from(
    { length: 12 },
    (_, line) => `${line} ${"abcdefghijklmnopqrstuvwxyz".repeat(2)}`,
  );
  const typed = "the quick brown fox\u001b[Ajumps\u001b[[B over";
  const chunks: string[] = [];
  let startedMs = 0;
  const whole = Promise.withResolvers<number>();
  const server = createServer((socket: Socket) => {
    startedMs = performance.now();
    socket.on("data", (chunk) => {
      chunks.push(chunk.toString("latin1"));
      if (chunks.join("") === typed) whole.resolve(performance.now());
    });
    // Far more than the line carries in a moment, and byte by byte, as a serial port gives it.
    for (const byte of Buffer.from(text.join("\r\n"))) socket.write(Uint8Array.of(byte));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const terminal = openTerminal({
    command: process.execPath,
    args: [slowLine, String(bitsPerSecond), path, "sleep", "60"],
    term: "vt220",
  });
  t.teardown(async () => {
    await terminal.close();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  await terminal.waitFor(/^0 abc/);
  await terminal.type(typed);
  await terminal.waitFor(
    (rows) => rows.slice(0, text.length).every((row, line) => row === text[line]),
    { what: "all lines" },
  );
  const secondsOut = (performance.now() - startedMs) / 1000;
  t.true(secondsOut > ((text.join("\r\n").length - 1) / bytesPerSecond) * 0.9, `${secondsOut} s`);
  const endedMs = await whole.promise;
  t.true((endedMs - startedMs) / 1000 > ((typed.length - 1) / bytesPerSecond) * 0.9);
});

test("the line ends with the command at its far end, and with its exit code", async (t) => {
  const terminal = openTerminal({
    command: process.execPath,
    args: [slowLine, "9600", "/nowhere", "sh", "-c", "exit 7"],
    term: "vt220",
  });
  t.is((await terminal.exit).exitCode, 7);
});
