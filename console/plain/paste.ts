import type { PastedText } from "../page/page.ts";
import type { LineInput } from "./lines.ts";

/** No certificate has more lines: a text that does not end is dropped. */
const mostLines = 2000;

/**
 * Reads a pasted text from its first line on. Null when it ends before its last line: at an empty
 * line or at the end of the input.
 */
export async function pastedText(
  first: string,
  { last }: PastedText,
  input: LineInput,
  signal: AbortSignal,
): Promise<string | null> {
  const lines = [first];
  for (let line = first; !last.test(line); lines.push(line)) {
    line = ((await input.line(signal)) ?? "").trim();
    if (line === "" || lines.length === mostLines) return null;
  }
  return lines.join("\n");
}
