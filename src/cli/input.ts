import type { ReadStream } from "node:tty";
import { UsageError } from "./output.ts";

const longestLine = 400;

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
  let text = "";
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.includes("\n") || text.length > longestLine) break;
  }
  const [line = ""] = text.split(/\r?\n/);
  if (line.trim() === "") throw new UsageError("standard input is empty");
  if (line.length > longestLine) throw new UsageError("the line on standard input is too long");
  return line;
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
      let typed = "";
      const onData = (chunk: Buffer) => {
        for (const character of chunk.toString("utf8")) {
          if (character === "\r" || character === "\n") return finish(() => resolve(typed));
          if (character === "\u0003" || character === "\u0004")
            return finish(() => reject(new UsageError("nothing was typed")));
          if (character === "\u007f" || character === "\b") typed = typed.slice(0, -1);
          else if (character >= " " && typed.length < longestLine) typed += character;
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
