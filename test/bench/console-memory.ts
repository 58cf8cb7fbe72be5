import { PassThrough } from "node:stream";
import { updateApp } from "../../console/app/model.ts";
import { type AppState, startApp } from "../../console/app/state.ts";
import { viewApp } from "../../console/app/view.ts";
import { character, type Key } from "../../console/page/key.ts";
import { openBlessedTerminal } from "../../console/terminal/blessed-terminal.ts";
import { english } from "../../console/words/words.ts";
import { ScriptedConfigd } from "../console/client-fake.ts";

/**
 * Opens and leaves screens, each painted, and prints the heap before and after: `node --expose-gc
 * console-memory.ts CHANGES`.
 */
const changes = Number(process.argv[2] ?? 3000);
const { gc } = globalThis;
if (gc === undefined) throw new Error("start with --expose-gc");
const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
const output = Object.assign(new PassThrough(), { columns: 80, rows: 24, isTTY: true });
output.resume();
const terminal = openBlessedTerminal({ input, output, term: "linux", palette: "colour" });
const { status } = await ScriptedConfigd.of("scanning");
let state: AppState = startApp({
  words: english,
  canLeave: false,
  columns: 80,
  rows: 24,
  monotonicMs: 0,
});
state = updateApp(state, { type: "status", status, monotonicMs: 0 }).state;

async function change(number: number): Promise<void> {
  const open: Key = character(String((number % 9) + 1));
  for (const key of [
    open,
    { name: "down" } as const,
    { name: "f1" } as const,
    { name: "escape" } as const,
    { name: "f10" } as const,
  ]) {
    state = updateApp(state, { type: "key", key }).state;
    const seen = viewApp(state);
    state = seen.state;
    terminal.paint(seen.frame);
  }
  await new Promise((resolve) => setImmediate(resolve));
}

const settle = async () => {
  for (let round = 0; round < 4; round++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage();
};
for (let number = 0; number < 200; number++) await change(number);
const before = await settle();
for (let number = 0; number < changes; number++) await change(number);
const after = await settle();
process.stdout.write(
  `${JSON.stringify({ heapBefore: before.heapUsed, heapAfter: after.heapUsed, rssBefore: before.rss, rssAfter: after.rss })}\n`,
);
process.exit(0);
