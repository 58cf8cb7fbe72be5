import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:https";

export interface PaceLimits {
  /** In each window of a request's content at least this many bytes must arrive. */
  windowMs: number;
  leastBytes: number;
  /** What is left of the content after the reply is swallowed for this long, then cut off. */
  lingerMs: number;
  /** Calls back at the end of each window; returns what ends that. */
  everyWindow(windowMs: number, ended: () => void): () => void;
}

/**
 * Slower than any line that appliances or operators work over (8 KiB in 30 s are 2 kbit/s), and too
 * fast for a caller who only wants to occupy a connection. Node has a limit for whole requests only,
 * which must be long: a system image over a slow line takes minutes.
 */
export const usualPace: PaceLimits = {
  windowMs: 30_000,
  leastBytes: 8192,
  lingerMs: 5000,
  everyWindow: (windowMs, ended) => {
    const timer = setInterval(ended, windowMs).unref();
    return () => clearInterval(timer);
  },
};

/** Ends connections whose request's content comes too slowly, or goes on after its reply. */
export function keepPace(server: Server, limits: PaceLimits): void {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (!hasContent(request)) return;
    const { socket } = request;
    let before = socket.bytesRead;
    const stop = limits.everyWindow(limits.windowMs, () => {
      const arrived = socket.bytesRead - before;
      before = socket.bytesRead;
      // What arrived and waits to be read is not the caller's fault.
      if (!request.complete && arrived < limits.leastBytes && request.readableLength === 0)
        socket.destroy();
    });
    const linger = () => {
      if (request.complete) return;
      // Closing a connection whose request was not read to its end resets it (RFC 9112 section
      // 9.6), and the caller would lose the reply: so it gets the time to read it.
      const cut = setTimeout(() => request.complete || socket.destroy(), limits.lingerMs).unref();
      request.once("close", () => clearTimeout(cut));
    };
    response.once("finish", linger);
    for (const [stream, event] of [
      [request, "end"],
      [request, "close"],
      [response, "close"],
    ] as const)
      stream.once(event, stop);
  });
}

/** RFC 9112 section 6.3: a request has content when it says so. */
function hasContent({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
