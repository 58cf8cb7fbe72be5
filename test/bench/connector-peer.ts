import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { release } from "../../src/base/release.ts";
import { ecdsaSigner, ecdsaVerifier } from "../../src/protocol/signature/keys.ts";
import { signReply, verifyRequest } from "../../src/protocol/signature/profile.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { listen, portOf } from "../testkit/proxies/origin.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";

/**
 * The other side of the connector's benchmark, in a process of its own: a TLS server that swallows
 * uploads, and a proxy before it. Parts of results it takes as the platform does, but for reading
 * and storing them: it checks signature and digest, and signs the receipt.
 */
const authority = await makeTestAuthority();
const { certificate, privateKey } = await authority.issue(["platform.example.org"]);
const [, , certificateFile = "", keysFile = ""] = process.argv;
const keys: { appliance: string; reply: string } = JSON.parse(await readFile(keysFile, "utf8"));
const appliance = ecdsaVerifier(createPublicKey(createPrivateKey(keys.appliance)));
const replySigner = ecdsaSigner("reply", createPrivateKey(keys.reply));

// Longer than filling a spool takes.
const server = createServer(
  { cert: certificate, key: privateKey, keepAliveTimeout: 120_000 },
  (request, reply) => {
    if (request.url?.startsWith("/jobs/")) return void takePart(request, reply);
    request.on("end", () => reply.end("{}"));
    request.resume();
  },
);
await listen(server);
const port = portOf(server.address());
const proxy = await startProxy({ kind: "tunnel" }, () => ({ host: "127.0.0.1", port }));
await writeFile(certificateFile, authority.certificate);
// "cut" on standard input ends every connection of the proxy.
process.stdin.on("data", () => {
  proxy.cut();
  process.stdout.write("cut\n");
});
process.stdout.write(`${port} ${proxy.port}\n`);

async function takePart(request: IncomingMessage, reply: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  const content = Buffer.concat(chunks);
  const url = new URL(request.url ?? "/", `https://platform.example.org:${port}`);
  const field = (name: string) => String(request.headers[name] ?? "");
  const fields = {
    "content-digest": field("content-digest"),
    "signature-input": field("signature-input"),
    signature: field("signature"),
  };
  const asked = { method: request.method ?? "", url, content };
  const verified = verifyRequest(asked, fields, appliance);
  const [, jobId, attempt, number] =
    /^\/jobs\/([^/]+)\/attempts\/(\d+)\/parts\/(\d+)/.exec(url.pathname) ?? [];
  const status = verified.ok ? 200 : 401;
  // The digest was checked with the signature, and need not be made again.
  const sha256 = Buffer.from(
    /:([^:]*):/.exec(field("content-digest"))?.[1] ?? "",
    "base64",
  ).toString("hex");
  const receipt = Buffer.from(
    JSON.stringify({
      jobId,
      attempt: Number(attempt),
      number: Number(number),
      sha256,
      receivedAt: Date.now(),
    }),
  );
  const signed = signReply(
    verified.ok ? "answer" : "refusal",
    { status, content: receipt },
    asked,
    fields,
    replySigner,
    Date.now(),
    "0123456789abcdef",
  );
  reply.writeHead(status, { "content-type": "application/json", ...signed }).end(receipt);
  release(content);
}
