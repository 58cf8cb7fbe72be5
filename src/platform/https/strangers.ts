import type { Socket } from "node:net";

/**
 * The connections over which nobody has proven who they are. There may be only so many: a new one
 * then ends the oldest. Callers who prove themselves do so within their first request, and operators
 * by their first page, so it is those who only hold connections open that lose them.
 */
export class Strangers {
  readonly #most: number;
  /** By remote address and port, which TLS connections share with the TCP connection below. */
  readonly #sockets = new Map<string, Socket>();

  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#sockets.size;
  }

  add(socket: Socket): void {
    const name = nameOf(socket);
    // Peers of the unix socket have no address. Only programs on this machine reach it.
    if (name === null) return;
    this.#sockets.set(name, socket);
    socket.once("close", () => {
      if (this.#sockets.get(name) === socket) this.#sockets.delete(name);
    });
    const [oldest] = this.#sockets.values();
    if (this.#sockets.size > this.#most) oldest?.destroy();
  }

  /** The peer of this connection has proven who it is. */
  forget(socket: Socket): void {
    const name = nameOf(socket);
    if (name !== null) this.#sockets.delete(name);
  }
}

function nameOf({ remoteAddress, remotePort }: Socket): string | null {
  return remoteAddress === undefined ? null : `${remoteAddress} ${remotePort}`;
}
