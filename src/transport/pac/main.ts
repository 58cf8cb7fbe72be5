import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { evaluatePac } from "./evaluate.ts";
import type { PacQuestion } from "./messages.ts";

/**
 * Evaluates PAC files for the agent and the doctor: one question a line on standard input, one
 * answer a line on standard output. It is a process of its own so that the caller can kill it, and
 * it runs without the right to read other files or start programs.
 */
const wasm = new Uint8Array(
  await readFile(new URL(import.meta.resolve("quickjs-wasi/quickjs.wasm"))),
);
for await (const line of createInterface({ input: process.stdin })) {
  // The line comes from this program's parent, so it is trusted.
  const question: PacQuestion = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await evaluatePac(wasm, question))}\n`);
}
