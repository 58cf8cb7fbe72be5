import { once } from "node:events";
import type { Socket } from "node:net";
import { OutriderError } from "../../base/messages/error.ts";
import { fact, quoted } from "../../base/messages/facts.ts";
import { abortReason, errorText, systemErrorCode } from "./time-limit.ts";

/**
 * Reads exactly `count` bytes and leaves what follows unread. The caller's signal bounds the time.
 * Throws OutriderError "proxy-protocol" when the connection ends before.
 */
export async function readExactly(
  socket: Socket,
  count: number,
  signal: AbortSignal,
): Promise<Buffer> {
  let received = Buffer.alloc(0);
  while (received.length < count) {
    signal.throwIfAborted();
    // Take all bytes: while some are left, "readable" fires again at once.
    const bytes: unknown = socket.read();
    if (Buffer.isBuffer(bytes)) received = Buffer.concat([received, bytes]);
    else if (socket.readableEnded || socket.destroyed) throw closed();
    else await somethingHappens(socket, signal);
  }
  if (received.length > count) socket.unshift(received.subarray(count));
  return received.subarray(0, count);
}

async function somethingHappens(socket: Socket, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    const events = [
      once(socket, "readable", { signal: either }),
      once(socket, "end", { signal: either }),
      once(socket, "close", { signal: either }),
    ];
    for (const event of events) event.catch(() => undefined);
    await Promise.race(events);
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    throw new OutriderError("proxy-protocol", {
      detail: quoted(systemErrorCode(error) || errorText(error)),
      cause: error,
    });
  } finally {
    stop.abort();
  }
}

const closed = () => new OutriderError("proxy-protocol", { detail: fact("proxy-closed") });
