import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { portalPorts } from "./ports.ts";

/**
 * A program for the lab's host `proxy`: servers that are none, and devices that cannot take every
 * ClientHello. They pass on to port 443 of the first argument; the second is the folder of the
 * certificates.
 */
const [platform = "", folder = ""] = process.argv.slice(2);
/** What a device sees that reads one packet: an Ethernet frame's worth. */
const longestRecord = 1400;

function listen(port: number, onSocket: (socket: Socket) => void): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    onSocket(socket);
  });
  return new Promise((resolve) => server.listen({ port, host: "::" }, () => resolve()));
}

function pass(socket: Socket, first: Buffer): void {
  const onward = connect({ host: platform, port: 443 });
  onward.on("error", () => socket.destroy());
  onward.on("close", () => socket.destroy());
  socket.on("close", () => onward.destroy());
  onward.write(first);
  socket.pipe(onward).pipe(socket);
}

/** Reads the length of the first TLS record (RFC 8446 section 5.1). */
function device(tooLong: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    let held = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      if (held.length < 5) return;
      socket.off("data", onData);
      if (held.readUInt16BE(3) > longestRecord) {
        socket.resume();
        tooLong(socket);
      } else pass(socket, held);
    };
    socket.on("data", onData);
  };
}

const silent = createTlsServer(
  { key: readFileSync(`${folder}/good.key`), cert: readFileSync(`${folder}/good.crt`) },
  (socket) => {
    socket.on("error", () => socket.destroy());
    socket.resume();
  },
);
silent.on("tlsClientError", () => undefined);
await Promise.all([
  listen(portalPorts.ssh, (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n")),
  listen(portalPorts.nothing, (socket) => socket.resume()),
  listen(portalPorts.garbage, (socket) => socket.write(randomBytes(200))),
  listen(portalPorts.resets, (socket) => socket.once("data", () => socket.resetAndDestroy())),
  listen(
    portalPorts.helloSwallows,
    device(() => undefined),
  ),
  listen(
    portalPorts.helloResets,
    device((socket) => socket.resetAndDestroy()),
  ),
  new Promise<void>((resolve) =>
    silent.listen({ port: portalPorts.silentService, host: "::" }, () => resolve()),
  ),
]);
process.stdout.write("bad servers listen\n");
