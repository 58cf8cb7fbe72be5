// Runs on the peer: passes each connection to FROM on to TO, each of them HOST:PORT or a socket's path.
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
