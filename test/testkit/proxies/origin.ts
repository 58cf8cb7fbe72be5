import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { ServerCertificate } from "./certificates.ts";

/** A web server over TLS on 127.0.0.1, to be reached directly or through a proxy. */
export interface Origin {
  port: number;
  /** TCP connections taken so far. */
  connections(): number;
  close(): Promise<void>;
}

export async function startOrigin(
  certificate: ServerCertificate,
  listener: RequestListener,
): Promise<Origin> {
  const server = createServer(
    {
      cert: certificate.certificate,
      key: certificate.privateKey,
      // Weak keys are for the client to refuse.
      ciphers: "DEFAULT@SECLEVEL=0",
      keepAliveTimeout: 60_000,
    },
    listener,
  );
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await listen(server);
  return {
    port: portOf(server.address()),
    connections: () => connections,
    close: () => closeAll(server, sockets),
  };
}

export function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

export function listen(server: {
  listen(port: number, host: string, listening: () => void): unknown;
  once(event: "error", failed: (error: Error) => void): unknown;
}): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
}

export function closeAll(
  server: { close(closed: () => void): unknown },
  sockets: Iterable<Socket>,
): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
