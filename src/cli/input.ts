import { StringDecoder } from "node:string_decoder";
import type { ReadStream } from "node:tty";
import { HiddenLine } from "./hidden-line.ts";
import { UsageError } from "./output.ts";

const longestLine = 400;
const notText =
  "what was typed is not UTF-8: set the terminal to UTF-8, or give the line in a file that is";

/** Reads secrets from the user: every user of the machine can see a command's arguments. */
export interface Input {
  /** One line; on a terminal the question is shown and the typed text is not. */
  secret(question: string): Promise<string>;
  /** One line that may be seen while it is typed. */
  line(question: string): Promise<string>;
}

export function streamInput(
  stdin: ReadStream | NodeJS.ReadStream,
  ask: { write(text: string): unknown },
): Input {
  return {
    secret: (question) => (stdin.isTTY ? askHidden(stdin, ask, question) : readLine(stdin)),
    line: (question) => {
      if (stdin.isTTY) ask.write(`${question}: `);
      return readLine(stdin);
    },
  };
}

async function readLine(stdin: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (bytes.includes("\n") || length > 4 * longestLine) break;
  }
  const bytes = Buffer.concat(chunks);
  const end = bytes.indexOf("\n");
  const line = decoded(end < 0 ? bytes : bytes.subarray(0, end)).replace(/\r$/, "");
  if (line.trim() === "") throw new UsageError("standard input is empty");
  if (line.length > longestLine) throw new UsageError("the line on standard input is too long");
  return line;
}

/** Without a byte order mark. Bytes that are no text would become another password in silence. */
function decoded(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError("standard input is not UTF-8");
  }
  // UTF-16 of Windows, without its mark.
  if (text.includes("\0")) throw new UsageError("standard input is not UTF-8");
  return text;
}

async function askHidden(
  stdin: NodeJS.ReadStream,
  ask: { write(text: string): unknown },
  question: string,
): Promise<string> {
  ask.write(`${question}: `);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      const decoder = new StringDecoder("utf8");
      const line = new HiddenLine();
      const onData = (chunk: Buffer) => {
        for (const character of decoder.write(chunk)) {
          const key = line.take(character);
          if (key === "stop") return finish(() => reject(new UsageError("nothing was typed")));
          if (key === "end")
            return finish(() => {
              if (line.text.includes("\ufffd")) reject(new UsageError(notText));
              else if (line.text.length > longestLine)
                reject(new UsageError("what was typed is too long"));
              else resolve(line.text);
            });
        }
      };
      const finish = (settle: () => void) => {
        stdin.off("data", onData);
        settle();
      };
      stdin.on("data", onData);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    ask.write("\n");
  }
}
