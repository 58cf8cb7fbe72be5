import type { Socket } from "node:net";
import { OutriderError } from "../../base/messages/error.ts";

/** Whom TLS is spoken with on the way. */
export type TlsPeer = "platform" | "proxy";

/** Nothing came back after the ClientHello. */
export class HelloUnanswered extends OutriderError {
  readonly peer: TlsPeer;

  constructor(error: OutriderError, peer: TlsPeer) {
    super(error.code, { detail: error.facts ?? error.detail, cause: error });
    this.peer = peer;
  }
}

/** The errors of a handshake that ended in silence or was cut. */
const lostCodes: ReadonlySet<string> = new Set([
  "tls-silent",
  "tls-failed",
  "proxy-silent",
  "proxy-tls-failed",
]);

/**
 * Whether the handshake over `socket` failed without a single byte of an answer.
 *
 * @param receivedBytes of the socket, before the handshake
 */
export function isUnanswered(error: unknown, socket: Socket, receivedBytes: number): boolean {
  const isLost = error instanceof OutriderError && lostCodes.has(error.code);
  return isLost && socket.bytesRead <= receivedBytes;
}

/** The error, as HelloUnanswered when that is what it is. */
export function ifUnanswered(
  error: unknown,
  socket: Socket,
  receivedBytes: number,
  peer: TlsPeer,
): unknown {
  return error instanceof OutriderError && isUnanswered(error, socket, receivedBytes)
    ? new HelloUnanswered(error, peer)
    : error;
}
