import { type Machine, readText } from "../../../image/vm/machine.ts";
import type { Terminal } from "../../testkit/terminal.ts";
import { bootTimeoutMs } from "./box.ts";

/** What the machine's own screen says when that matches, or at last. */
export async function waitForScreen(machine: Machine<Terminal>, wanted: RegExp): Promise<string> {
  const deadlineMs = performance.now() + bootTimeoutMs;
  for (;;) {
    const text = await readText(await machine.picture());
    if (wanted.test(text) || performance.now() > deadlineMs) return text;
  }
}
