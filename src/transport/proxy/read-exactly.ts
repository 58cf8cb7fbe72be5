import { once } from "node:events";
import type { Socket } from "node:net";
import { OutriderError } from "../../protocol/error.ts";
import { abortReason, errorText, systemErrorCode } from "../time-limit.ts";

/** Reads just `count` bytes, and leaves what follows to whoever reads next. The caller's signal bounds the time. */
export async function readExactly(socket: Socket, count: number, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    signal.throwIfAborted();
    const bytes: unknown = socket.readableLength >= count ? socket.read(count) : null;
    if (Buffer.isBuffer(bytes)) return bytes;
    if (socket.readableEnded || socket.destroyed) throw closed();
    await somethingHappens(socket, signal);
  }
}

async function somethingHappens(socket: Socket, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    // read(0) asks for more without taking what is there already.
    const events = [once(socket, "readable", { signal: either }), once(socket, "end", { signal: either }), once(socket, "close", { signal: either })];
    for (const event of events) event.catch(() => undefined);
    socket.read(0);
    await Promise.race(events);
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    throw new OutriderError("proxy-protocol", { detail: systemErrorCode(error) || errorText(error), cause: error });
  } finally {
    stop.abort();
  }
}

const closed = () => new OutriderError("proxy-protocol", { detail: "the connection was closed instead of an answer" });
