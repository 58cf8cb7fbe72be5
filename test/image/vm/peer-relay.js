// Runs on the peer: relays each connection to FROM to TO. Each is HOST:PORT or the path of a socket.
import { createConnection, createServer } from "node:net";

const [from, to] = process.argv.slice(2);

function placeOf(text) {
  if (text.startsWith("/")) return { path: text };
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

createServer((near) => {
  const far = createConnection(placeOf(to));
  near.pipe(far);
  far.pipe(near);
  near.on("error", () => far.destroy());
  far.on("error", () => near.destroy());
}).listen(placeOf(from));
