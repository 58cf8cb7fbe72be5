import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { setTimeout } from "node:timers/promises";

const pieceBytes = 400;
/** So that the kernel does not join two pieces in one segment. */
const pauseMs = 5;

/** The same connection, whose writes leave in small TCP segments. */
export function cutSocket(socket: Socket): Duplex {
  socket.setNoDelay(true);
  const cut = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _, done) => {
      writePieces(socket, chunk).then(() => done(), done);
    },
    final: (done) => socket.end(() => done()),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk: Buffer) => {
    if (!cut.push(chunk)) socket.pause();
  });
  socket.once("end", () => cut.push(null));
  socket.once("close", () => cut.destroy());
  socket.on("error", (error) => cut.destroy(error));
  return cut;
}

async function writePieces(socket: Socket, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    if (at > 0) await setTimeout(pauseMs);
    socket.write(bytes.subarray(at, at + pieceBytes));
  }
}
