import { writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { startProxy } from "../testkit/proxy.ts";
import { makeTestAuthority } from "../testkit/proxy-certificates.ts";
import { listen, portOf } from "../testkit/proxy-origin.ts";

/** The other side of the connector's benchmark, in a process of its own: a TLS server that swallows uploads, and a proxy before it. */
const authority = await makeTestAuthority();
const { certificate, privateKey } = await authority.issue(["upload.example.org"]);
const server = createServer({ cert: certificate, key: privateKey }, (request, reply) => {
  request.on("end", () => reply.end("{}"));
  request.resume();
});
await listen(server);
const port = portOf(server.address());
const proxy = await startProxy({ kind: "tunnel" }, () => ({ host: "127.0.0.1", port }));
const [, , certificateFile] = process.argv;
if (certificateFile) await writeFile(certificateFile, authority.certificate);
// "cut" on standard input ends every connection of the proxy.
process.stdin.on("data", () => {
  proxy.cut();
  process.stdout.write("cut\n");
});
process.stdout.write(`${port} ${proxy.port}\n`);
