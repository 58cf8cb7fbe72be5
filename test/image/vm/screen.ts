import { setTimeout as delay } from "node:timers/promises";
import type { Terminal } from "../../../image/terminal/terminal.ts";
import type { Machine } from "../../../image/vm/machine.ts";
import { loadScreenFont, readScreen } from "../../../image/vm/screen-text.ts";
import { bootTimeoutMs } from "./box.ts";

/** A person looks no more often, and each look takes processor time from the machine. */
const lookEveryMs = 500;

/** The text of the machine's own screen once it matches, or at the end of the time. */
export async function waitForScreen(
  machine: Machine<Terminal>,
  wanted: RegExp,
  timeoutMs = bootTimeoutMs,
): Promise<string> {
  const font = await loadScreenFont();
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const text = readScreen(await machine.picture(), font).join("\n");
    if (wanted.test(text) || performance.now() > deadlineMs) return text;
    await delay(lookEveryMs);
  }
}
