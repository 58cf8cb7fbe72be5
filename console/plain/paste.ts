import type { PastedText } from "../page/page.ts";
import type { LineInput } from "./lines.ts";

/** No certificate has as many: a text that does not end is left alone. */
const mostLines = 2000;

/**
 * The lines of a pasted text from its first on, or null when it stops before its last: at an empty
 * line, or where nothing more comes.
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
