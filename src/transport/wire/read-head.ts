import { once } from "node:events";
import type { Socket } from "node:net";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact, quoted } from "../../base/messages/facts.ts";
import { endOfChunks } from "./chunked-content.ts";
import { endOfHead, longestHeadBytes, parseHead, type ResponseHead } from "./http-head.ts";
import { abortReason, errorText, systemErrorCode } from "./time-limit.ts";

export interface ReceivedHead {
  head: ResponseHead;
  /** Bytes that came after the head. */
  rest: Buffer;
}

/**
 * The connection ended before the first byte of the answer, so the request may not have been read.
 */
export class NoAnswer extends OutriderError {}

/**
 * Reads one response head and leaves the socket paused. The caller's signal bounds the time, also
 * for a slow drip. Rejects with OutriderError "proxy-protocol".
 */
export function readHead(socket: Socket, signal: AbortSignal): Promise<ReceivedHead> {
  signal.throwIfAborted();
  let received = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const finish = () => {
      socket.pause();
      socket.off("data", onData);
      socket.off("end", onEnd);
      socket.off("close", onEnd);
      socket.off("error", onError);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: Error) => {
      finish();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const end = endOfHead(received);
      if (end === null) {
        if (received.length > longestHeadBytes)
          fail(
            new OutriderError("proxy-protocol", {
              detail: fact("proxy-head-long", { bytes: longestHeadBytes }),
            }),
          );
        // Bytes that do not begin as HTTP never become it: report that now rather than at the time
        // limit.
        else if (!"HTTP/1.".startsWith(received.subarray(0, 7).toString("latin1")))
          fail(new OutriderError("proxy-protocol", { detail: fact("proxy-not-http") }));
        return;
      }
      const parsed = parseHead(received.subarray(0, end).toString("latin1"));
      if (!parsed.ok) return fail(new OutriderError("proxy-protocol", { detail: parsed.problem }));
      finish();
      resolve({ head: parsed.head, rest: received.subarray(end) });
    };
    const lost = (detail: Fact, cause?: unknown) =>
      fail(
        received.length === 0
          ? new NoAnswer("proxy-protocol", { detail, cause })
          : new OutriderError("proxy-protocol", { detail, cause }),
      );
    const onEnd = () => lost(fact("proxy-closed"));
    const onError = (error: unknown) =>
      lost(quoted(systemErrorCode(error) || errorText(error)), error);
    const onAbort = () => fail(abortReason(signal));
    socket.on("data", onData);
    socket.once("end", onEnd);
    socket.once("close", onEnd);
    socket.once("error", onError);
    signal.addEventListener("abort", onAbort, { once: true });
    // A socket that has ended already fires no event.
    if (socket.destroyed || socket.readableEnded) onEnd();
    else socket.resume();
  });
}

/** Content of an answer, or as much of it as came. */
export interface ReceivedContent {
  bytes: Buffer;
  /** false when it is malformed, too long, or the connection ended before its end. */
  whole: boolean;
}

/** Reads content of `count` bytes, of which `rest` was read already. */
export async function readBytes(
  socket: Socket,
  rest: Buffer,
  count: number,
  signal: AbortSignal,
): Promise<ReceivedContent> {
  let bytes = rest;
  while (bytes.length < count) {
    const chunk: unknown = socket.read();
    if (Buffer.isBuffer(chunk)) bytes = Buffer.concat([bytes, chunk]);
    else if (socket.readableEnded || socket.destroyed) return { bytes, whole: false };
    else await once(socket, "readable", { signal }).catch(() => socket.destroy());
  }
  if (bytes.length > count && bytes.length > rest.length) socket.unshift(bytes.subarray(count));
  return { bytes: bytes.subarray(0, count), whole: true };
}

/** Reads content in chunks, with the lines between them, of which `rest` was read already. */
export async function readChunks(
  socket: Socket,
  rest: Buffer,
  signal: AbortSignal,
): Promise<ReceivedContent> {
  let received = rest;
  for (;;) {
    const end = endOfChunks(received);
    if (end === "malformed" || received.length > longestHeadBytes)
      return { bytes: received, whole: false };
    if (end !== null) return { bytes: received, whole: true };
    const chunk: unknown = socket.read();
    if (Buffer.isBuffer(chunk)) received = Buffer.concat([received, chunk]);
    else if (socket.readableEnded || socket.destroyed) return { bytes: received, whole: false };
    else await once(socket, "readable", { signal }).catch(() => socket.destroy());
  }
}
