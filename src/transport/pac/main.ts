import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { evaluatePac } from "./evaluate.ts";
import type { PacQuestion } from "./messages.ts";

/**
 * Evaluates PAC files for the agent and the doctor: a question a line on standard input, an answer
 * a line on standard output. A process of its own, so that whoever asked can end it, and without
 * the right to read other files or start programs.
 */
const wasm = new Uint8Array(
  await readFile(new URL(import.meta.resolve("quickjs-wasi/quickjs.wasm"))),
);
for await (const line of createInterface({ input: process.stdin })) {
  // Its own parent's words.
  const question: PacQuestion = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await evaluatePac(wasm, question))}\n`);
}
