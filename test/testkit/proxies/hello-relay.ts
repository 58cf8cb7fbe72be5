import { connect, createServer, type Socket } from "node:net";
import { closeAll, listen, portOf } from "./origin.ts";

/**
 * - `swallows`, `resets`, `closes`: what it does with a first TLS record of more than 1400 bytes
 * - `black-hole`: swallows a connection that begins with more than 1400 bytes in one piece, as a path
 *   with a small MTU that sends no ICMP. Small packets that wait on a busy machine arrive joined, so
 *   that only the first piece shows how they were sent.
 * - `dead`: swallows everything
 */
export type HelloFault = "swallows" | "resets" | "closes" | "black-hole" | "dead" | "none";

export interface HelloRelay {
  port: number;
  fault: HelloFault;
  /** The lengths of the first TLS records that came. */
  hellos: number[];
  close(): Promise<void>;
}

/** TCP to a port of 127.0.0.1 by a device that cannot take each ClientHello. */
export async function startHelloRelay(toPort: number, fault: HelloFault): Promise<HelloRelay> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    track(client);
    let onward: Socket | null = null;
    let held = Buffer.alloc(0);
    const pass = (bytes: Buffer) => {
      if (!onward) {
        onward = connect(toPort, "127.0.0.1");
        track(onward);
        onward.pipe(client);
      }
      onward.write(bytes);
    };
    client.on("close", () => onward?.destroy());
    client.on("data", (chunk: Buffer) => {
      if (relay.fault === "dead") return;
      if (relay.fault === "black-hole") {
        if (onward || chunk.length <= 1400) pass(chunk);
        else client.pause();
        return;
      }
      if (onward) return pass(chunk);
      held = Buffer.concat([held, chunk]);
      if (held.length < 5) return;
      const length = held.readUInt16BE(3);
      if (relay.hellos.at(-1) !== length || held.length === chunk.length) relay.hellos.push(length);
      if (length > 1400 && relay.fault !== "none") {
        if (relay.fault === "resets") client.resetAndDestroy();
        if (relay.fault === "closes") client.end();
        return;
      }
      pass(held);
    });
  });
  await listen(server);
  const relay: HelloRelay = {
    port: portOf(server.address()),
    fault,
    hellos: [],
    close: () => closeAll(server, sockets),
  };
  return relay;
}
