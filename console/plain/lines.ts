/** The input of line mode. Null means the end of the input. */
export interface LineInput {
  line(signal: AbortSignal): Promise<string | null>;
  /** Reads a line without echo, if the terminal can do that. */
  secret(signal: AbortSignal): Promise<string | null>;
}

interface Terminal extends NodeJS.ReadableStream {
  isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

const longestLine = 20_000;
/** Characters of input to keep that came before a question; the rest waits in the kernel. */
const mostAhead = 100_000;

/** Lines of a terminal, whose line discipline echoes and edits them, or of a pipe. */
export function lineInput(stream: Terminal, echo: (text: string) => void): LineInput {
  let buffer = "";
  let ended = false;
  let hidden = false;
  let waiting: (() => void) | null = null;
  const lastLineLength = () => buffer.length - buffer.lastIndexOf("\n") - 1;
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    // In raw mode the terminal neither echoes nor edits.
    for (const character of hidden ? chunk.replaceAll("\r", "\n") : chunk) {
      if (hidden && (character === "\u007f" || character === "\b")) buffer = buffer.slice(0, -1);
      else if (hidden && (character === "\u0003" || character === "\u0004")) buffer = "\n";
      else if (character === "\n" || lastLineLength() < longestLine) buffer += character;
    }
    waiting?.();
    if (waiting === null && buffer.length > mostAhead) stream.pause();
  });
  const end = () => {
    ended = true;
    waiting?.();
  };
  stream.on("end", end);
  stream.on("close", end);
  stream.on("error", end);

  const next = (signal: AbortSignal): Promise<string | null> =>
    new Promise((resolve) => {
      const finish = (line: string | null) => {
        waiting = null;
        signal.removeEventListener("abort", stop);
        resolve(line);
      };
      const stop = () => finish(null);
      waiting = () => {
        const at = buffer.indexOf("\n");
        if (at >= 0) {
          const line = buffer.slice(0, at).replace(/\r$/, "");
          buffer = buffer.slice(at + 1);
          finish(line);
        } else if (ended) {
          const rest = buffer;
          buffer = "";
          finish(rest === "" ? null : rest);
        } else stream.resume();
      };
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      else waiting();
    });

  return {
    line: next,
    async secret(signal) {
      if (!stream.isTTY || stream.setRawMode === undefined) return next(signal);
      hidden = true;
      stream.setRawMode(true);
      try {
        return await next(signal);
      } finally {
        stream.setRawMode(false);
        hidden = false;
        echo("\n");
      }
    },
  };
}
